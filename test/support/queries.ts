/*
 * Queries of the kinds that people post, most of them for the ten tables of Application Insights, and what an export
 * makes of each. Plain data: kql-queries.test.ts holds them against our reading and Microsoft's.
 */

export interface CorpusQuery {
  readonly query: string;
  /**
   * `exported`: taken as it is. `warned`: taken, with the reason as a warning. `refused`: it would lose or mix rows,
   * depend on the time of the query or take a column's name. `broken`: no KQL, or none that a workspace understands.
   */
  readonly verdict: 'exported' | 'warned' | 'refused' | 'broken';
  /** What the warning or the problem says; for anything but `exported`. */
  readonly reason?: RegExp;
}

const exported = (...queries: string[]): CorpusQuery[] => queries.map((query) => ({ query, verdict: 'exported' }));
const warned = (query: string, reason: RegExp): CorpusQuery => ({ query, verdict: 'warned', reason });
const refused = (query: string, reason: RegExp): CorpusQuery => ({ query, verdict: 'refused', reason });
const broken = (query: string, reason: RegExp): CorpusQuery => ({ query, verdict: 'broken', reason });

const GOOD = exported(
  // A table, and rows of it.
  'AppRequests',
  'AppTraces;',
  '// Failed requests only\nAppRequests\n| where Success == false',
  'AppRequests | where Success == false and DurationMs > 1000',
  'AppRequests | where toint(ResultCode) >= 500',
  'AppRequests | where ResultCode startswith "5" or ResultCode in ("408", "429")',
  "AppRequests | where Name !in ('GET /health', 'GET /ready', 'GET /')",
  "AppRequests | where Url !contains 'favicon' and Url !endswith '.js'",
  "AppRequests | where not(Name has_any ('health', 'ping'))",
  'AppRequests | where isnotempty(UserAuthenticatedId)',
  'AppRequests | where DurationMs between (500 .. 10000)',
  "AppRequests | where AppRoleName =~ 'orders-api'",
  "AppRequests | where _ResourceId =~ '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/RG-Prod/x'",
  "AppRequests | where _ResourceId has '/components/shop'",
  'AppRequests | where TimeGenerated >= datetime(2026-11-01) and TimeGenerated < datetime(2027-01-01)',
  'AppRequests | where TimeGenerated > IngestionTime - 1h',
  'AppRequests | where hourofday(TimeGenerated) between (8 .. 18) and dayofweek(TimeGenerated) < 6d',
  'AppRequests | where hash_xxhash64(ItemId, 4) == 0',
  'AppTraces | where SeverityLevel >= 3',
  "AppTraces | where Message !has 'heartbeat'",
  "AppTraces | where Message has 'payment' and Message matches regex @'order-\\d{6}'",
  "AppTraces | where AppRoleName != 'monitorlift' // its own logs stay behind",
  "AppTraces | where * has 'timeout'",
  "AppTraces | where * has 'timeout' | extend ExportedAt = now()",
  'AppTraces | extend Row = pack_all(), ExportedAt = now() | where Row has "x"',
  'AppTraces | where Message contains "|" or Message contains ";"',
  "AppTraces | where tostring(Properties.Category) startswith 'Microsoft.AspNetCore'",
  "AppTraces | where Properties['LogLevel'] in~ ('warning', 'error')",
  "AppExceptions | where ExceptionType !in~ ('TaskCanceledException', 'OperationCanceledException')",
  "AppExceptions | where OuterMessage contains_cs 'SQL'",
  "AppDependencies | where DependencyType == 'SQL' and DurationMs > 200",
  "AppDependencies | where Target endswith '.blob.core.windows.net' | where Success == false",
  "AppEvents | where Name in ('Purchase', 'Signup', 'Refund')",
  "AppMetrics | where Name == 'HeartbeatState' or Max > 0",
  "AppPageViews | where ClientCountryOrRegion == 'Germany'",
  'AppPageViews | where isempty(SyntheticSource)',
  "AppAvailabilityResults | where Success == false and Location startswith 'West'",
  "AppPerformanceCounters | where Category == 'Process' and Counter == '% Processor Time'",
  'AppBrowserTimings | where TotalDurationMs > 3000',
  // Columns made, chosen and named.
  'AppRequests | project TimeGenerated, ItemId, Name, ResultCode, DurationMs, OperationId',
  'AppRequests | project-away ClientIP, UserId, UserAuthenticatedId',
  'AppRequests | project-away Client*, User*',
  'AppRequests | project-keep TimeGenerated, ItemId, IngestionTime, Name, Url, Success',
  'AppRequests | project-rename Duration = DurationMs, Status = ResultCode',
  'AppRequests | project-reorder TimeGenerated, Name, *',
  "AppRequests | extend Path = tostring(parse_url(Url).Path), Host = tostring(parse_url(Url)['Host'])",
  "AppRequests | extend ClientIP = replace_regex(ClientIP, @'\\d+$', '0')",
  'AppRequests | extend UserId = hash_sha256(UserId)',
  "AppRequests | extend Class = case(DurationMs < 100, 'fast', DurationMs < 1000, 'ok', 'slow')",
  'AppRequests | extend Failed = iff(Success == false, 1, 0), Day = startofday(TimeGenerated)',
  'AppRequests | extend ExportedAt = now(), Delay = IngestionTime - TimeGenerated',
  'AppRequests | extend Tenant = tostring(Properties.tenantId), Items = toint(Measurements.itemCount)',
  "AppRequests | extend Bag = bag_pack('name', Name, 'url', Url)",
  "AppRequests | extend Version = split(AppVersion, '.')[0] | where isnotempty(Version)",
  "AppRequests | extend ['my column'] = strcat(Name, ' ', ResultCode)",
  'AppExceptions | mv-expand Details | extend Frame = Details.parsedStack[0]',
  'AppEvents | mv-expand Item = parse_json(tostring(Properties.items)) to typeof(dynamic)',
  'AppEvents | mv-expand kind=array with_itemindex=Index Tags = Properties.tags',
  "AppTraces | parse Message with 'Order ' OrderId:long ' took ' Took:real ' ms' *",
  "AppTraces | parse-where kind=relaxed Message with * 'user=' User:string ' ' *",
  "AppTraces | parse-kv Message as (level:string, code:int) with (pair_delimiter=' ', kv_delimiter='=')",
  "AppTraces | extend Body = parse_json(Message) | extend Code = column_ifexists('Code_d', 0)",
  // Values in front.
  "let slow = 1s;\nlet names = dynamic(['GET /']);\nAppRequests\n| where Name in (names) and DurationMs > slow / 1ms",
  'let since = datetime(2026-11-01);\nlet until = since + 30d;\nAppTraces | where TimeGenerated < until',
  "['MyApp_CL'] | where Level_s == 'Error' | project-rename Level = Level_s",
);

const LOSSY = [
  refused('AppRequests | limit 10000', /"limit" .*splits? for you|"limit" .*are split for you/),
  refused('AppTraces\n| where SeverityLevel == 3\n| take 100', /"take" .*loses the others: leave it out/),
  refused('AppRequests | top 100 by DurationMs desc', /"top" .*loses the others/),
  refused('AppRequests | sample 1000', /"sample" .*choose rows with where/),
  refused('AppRequests | sample-distinct 10 of Name', /"sample-distinct"/),
  refused('AppRequests | top-nested 3 of Name by count()', /"top-nested"/),
  refused('AppRequests | top-hitters 5 of Name', /"top-hitters"/),
  refused('AppRequests | summarize count() by bin(TimeGenerated, 1h), Name', /"summarize" .*makes one row of many/),
  refused('AppRequests | summarize arg_max(TimeGenerated, *) by OperationId', /"summarize" .*aggregate when you read/),
  refused(
    'AppRequests | summarize percentiles(DurationMs, 50, 95, 99) by Name | order by Name',
    /"summarize".*; "order"/,
  ),
  refused('AppRequests | count', /"count" .*makes one row of many/),
  refused('AppRequests | distinct Name, ResultCode', /"distinct" .*makes one row of many/),
  refused('AppRequests | make-series count() default=0 on TimeGenerated step 1h by Name', /"make-series"/),
  refused('AppTraces | reduce by Message', /"reduce"/),
  refused('AppRequests | join kind=inner (AppExceptions) on OperationId', /"join" .*mixes in rows of another table/),
  refused('AppRequests | lookup kind=leftouter (AppDependencies) on OperationId', /"lookup" .*mixes in/),
  refused('AppRequests | union AppDependencies', /"union" .*give each table an export of its own/),
  refused('union AppRequests, AppDependencies, AppTraces', /begins with union: give each table an export/),
  refused('union withsource=Table App*\n| where OperationId == "abc"', /begins with union/),
  refused("search 'timeout'", /begins with search: begin with one table/),
  refused("search in (AppTraces, AppExceptions) 'timeout' | take 10", /begins with search/),
  refused("AppTraces | search 'timeout'", /"search" .*write where \* has 'text'/),
  refused("find in (AppRequests) where Name has 'x'", /begins with find/),
  refused('AppRequests | order by TimeGenerated desc', /"order" .*sort when you read/),
  refused('AppRequests | sort by DurationMs asc nulls last', /"sort" .*sort when you read/),
  refused('AppRequests | serialize Number = row_number()', /"serialize" .*numbers rows within one window/),
  refused('AppRequests | evaluate bag_unpack(Properties)', /"evaluate" .*extend x = tostring\(Properties\.x\)/),
  refused('AppExceptions | mvexpand Details', /"mvexpand" .*keeps 128 .*write mv-expand/),
  refused('AppExceptions | mv-expand Details limit 1', /"limit" at .* drops the elements beyond it/),
  refused('AppExceptions | mv-apply Detail = Details on (top 1 by tostring(Detail.id))', /"mv-apply"/),
  refused(
    'FailedRequests() | where DurationMs > 100',
    /FailedRequests\(\) .*no time of ingestion.*the table that it reads/,
  ),
  refused(
    'let failed = AppRequests | where Success == false;\nfailed | project Name',
    /let failed .*is a table.*; begins with failed/,
  ),
];

const DEPENDING = [
  refused('AppRequests | where TimeGenerated > ago(1h)', /"ago" .*IngestionTime - 1h/),
  refused('AppTraces | where TimeGenerated between (ago(1d) .. now())', /"ago" .*are lost: leave it out/),
  refused('let window = ago(24h);\nAppRequests\n| where TimeGenerated >= window', /"window" at .*moves with the time/),
  refused('AppRequests | extend Age = now() - TimeGenerated | where Age < 1d', /"Age" .*moves with the time/),
  refused("AppTraces | extend ExportedAt = now() | where * has 'timeout'", /"\*" .*"ExportedAt" among them moves/),
  refused(
    'AppTraces | extend Row = pack_all(), Day = startofday(now()) | extend All = pack_all() | where All has "x"',
    /"All" .*moves with the time/,
  ),
  refused(
    "AppRequests | project-rename Seen = TimeGenerated | extend Age = now() - Seen | where ['Age'] < 1d",
    /"Age"/,
  ),
  refused('AppRequests | where TimeGenerated > startofday(now())', /"now" .*moves with the time/),
  refused('AppTraces | where rand() < 0.1', /"rand" .*hash_xxhash64\(ItemId, 10\)/),
  refused('AppTraces | where hash(OperationId, 10) == 0', /"hash" .*write hash_xxhash64/),
  refused(
    'AppRequests | where OperationId in ((AppExceptions | where TimeGenerated > ago(1d) | project OperationId))',
    /"ago"/,
  ),
  refused('AppRequests | extend ItemId = Id', /"ItemId" .*the export adds: give yours another/),
  refused('AppRequests | project-rename IngestionTime = TimeGenerated', /"IngestionTime" .*the export adds/),
  refused("AppTraces | parse Message with * 'item=' ItemId:string", /"ItemId" .*the export adds/),
  warned(
    'AppTraces | where OperationId in ((AppExceptions | project OperationId))',
    /reads other tables .*not audited/,
  ),
  warned('let peak = toscalar(AppMetrics | summarize max(Max));\nAppRequests | where DurationMs > peak', /not audited/),
  warned('AppRequests | project TimeGenerated, Name, DurationMs', /drops ItemId/),
  warned('AppRequests | extend d = dayofmonth(TimeGenerated), h = hourofday(TimeGenerated)', /column d, h .*folder/),
];

const BROKEN = [
  broken('AppRequests | where Name == “GET /”', /U\+201C at character 29 is a typographic quote: write/),
  broken('AppRequests |\u200b where Success == false', /U\+200B at character 14 is invisible .*delete it/),
  broken(
    'AppRequests\n| where Success == false\n\nAppTraces\n| where SeverityLevel > 2',
    /a second query .*_KQL of its own/,
  ),
  broken('AppRequests | where Success == false; AppTraces | take 10', /a second query at character 39/),
  broken("AppRequests | where (Success == false or Name has 'x'", /"\(" at character 21 is not closed/),
  broken("AppRequests | where Name == 'GET /", /text that begins at character 29 does not end/),
  broken('AppRequests | where Success = false', /"=" .*write == or =~/),
  broken('requests | where success == false and timestamp > datetime(2026-11-01)', /write AppRequests/),
  broken("AppRequests | where success == false and customDimensions.tenant == 'a'", /write Success.*write Properties/),
  broken("AppRequests | where _ResourceId == '/subscriptions/x/resourceGroups/RG-Prod'", /write =~/),
];

export const QUERIES: readonly CorpusQuery[] = [...GOOD, ...LOSSY, ...DEPENDING, ...BROKEN];
