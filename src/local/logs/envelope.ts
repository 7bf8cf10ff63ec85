import type { Row } from './database.ts';
import { EPOCH_TICKS, parseTicks, parseTimespan } from './ticks.ts';

/** A telemetry item as the Application Insights SDKs send it. */
export interface Envelope {
  readonly time?: string;
  readonly iKey?: string;
  readonly sampleRate?: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly data?: { readonly baseType?: string; readonly baseData?: Data };
}

type Data = Readonly<Record<string, unknown>>;

const TAGS: Readonly<Record<string, string>> = {
  'ai.application.ver': 'AppVersion',
  'ai.cloud.role': 'AppRoleName',
  'ai.cloud.roleInstance': 'AppRoleInstance',
  'ai.device.model': 'ClientModel',
  'ai.device.osVersion': 'ClientOS',
  'ai.device.type': 'ClientType',
  'ai.internal.sdkVersion': 'SDKVersion',
  'ai.location.city': 'ClientCity',
  'ai.location.country': 'ClientCountryOrRegion',
  'ai.location.ip': 'ClientIP',
  'ai.location.province': 'ClientStateOrProvince',
  'ai.operation.id': 'OperationId',
  'ai.operation.name': 'OperationName',
  'ai.operation.parentId': 'ParentId',
  'ai.operation.syntheticSource': 'SyntheticSource',
  'ai.session.id': 'SessionId',
  'ai.user.accountId': 'UserAccountId',
  'ai.user.authUserId': 'UserAuthenticatedId',
  'ai.user.id': 'UserId',
};

type Read = (value: unknown) => unknown;

const text: Read = (value) => value ?? '';
const number: Read = (value) => (value === undefined || value === null ? null : Number(value));
const json: Read = (value) => (value === undefined || value === null ? null : JSON.stringify(value));
const bool: Read = (value) => (value === undefined ? true : value === true || String(value).toLowerCase() === 'true');

const durationMs: Read = (value) => {
  if (typeof value === 'number') return value;
  const ticks = parseTimespan(String(value ?? ''));
  return ticks === undefined ? null : Number(ticks) / 1e4;
};

const SEVERITIES = ['Verbose', 'Information', 'Warning', 'Error', 'Critical'];
const severity: Read = (value) => {
  if (value === undefined || value === null) return null;
  const level = SEVERITIES.indexOf(String(value));
  return level < 0 ? Number(value) : level;
};

type Fields = Readonly<Record<string, readonly [field: string, read: Read]>>;

const COMMON: Fields = { Properties: ['properties', json], Measurements: ['measurements', json] };
const NAMED: Fields = { ...COMMON, Id: ['id', text], Name: ['name', text], DurationMs: ['duration', durationMs] };

/** Table and columns for each `baseType`: column to field of `baseData`. */
const KINDS: Readonly<Record<string, { readonly table: string; readonly fields: Fields }>> = {
  RequestData: {
    table: 'AppRequests',
    fields: {
      ...NAMED,
      ResultCode: ['responseCode', text],
      Success: ['success', bool],
      Source: ['source', text],
      Url: ['url', text],
    },
  },
  RemoteDependencyData: {
    table: 'AppDependencies',
    fields: {
      ...NAMED,
      ResultCode: ['resultCode', text],
      Success: ['success', bool],
      Data: ['data', text],
      DependencyType: ['type', text],
      Target: ['target', text],
    },
  },
  ExceptionData: {
    table: 'AppExceptions',
    fields: { ...COMMON, ProblemId: ['problemId', text], SeverityLevel: ['severityLevel', severity] },
  },
  MessageData: {
    table: 'AppTraces',
    fields: { ...COMMON, Message: ['message', text], SeverityLevel: ['severityLevel', severity] },
  },
  PageViewData: { table: 'AppPageViews', fields: { ...NAMED, Url: ['url', text] } },
  PageViewPerfData: {
    table: 'AppBrowserTimings',
    fields: {
      ...COMMON,
      Name: ['name', text],
      Url: ['url', text],
      TotalDurationMs: ['perfTotal', durationMs],
      NetworkDurationMs: ['networkConnect', durationMs],
      SendDurationMs: ['sentRequest', durationMs],
      ReceiveDurationMs: ['receivedResponse', durationMs],
      ProcessingDurationMs: ['domProcessing', durationMs],
    },
  },
  EventData: { table: 'AppEvents', fields: { ...COMMON, Name: ['name', text] } },
  MetricData: { table: 'AppMetrics', fields: COMMON },
  AvailabilityData: {
    table: 'AppAvailabilityResults',
    fields: {
      ...NAMED,
      Success: ['success', bool],
      Location: ['runLocation', text],
      Message: ['message', text],
    },
  },
  PerformanceCounterData: {
    table: 'AppPerformanceCounters',
    fields: {
      ...COMMON,
      Category: ['categoryName', text],
      Counter: ['counterName', text],
      Name: ['counterName', text],
      Instance: ['instanceName', text],
      Value: ['value', number],
    },
  },
};

/** Counters arrive as metrics with a name such as `\Process(??APP_WIN32_PROC??)\Private Bytes`. */
const COUNTER = /^\\([^\\(]+)(?:\(([^)]*)\))?\\(.+)$/;

const MAX_PAST_TICKS = 2n * 864_000_000_000n;
const MAX_FUTURE_TICKS = 864_000_000_000n;

/**
 * The rows of one envelope, without the columns that ingestion itself fills.
 * @throws Error that says what is wrong with the envelope.
 */
export function rowsOf(envelope: Envelope, nowTicks: bigint): { readonly table: string; readonly row: Row }[] {
  const { baseType = '', baseData = {} } = envelope.data ?? {};
  const kind = KINDS[baseType];
  if (kind === undefined)
    throw new Error(`Found data.baseType '${baseType}', expected ${Object.keys(KINDS).join(', ')}.`);
  const time = parseTicks(String(envelope.time ?? ''));
  if (time === undefined) throw new Error(`Found time '${envelope.time}', expected an ISO 8601 time.`);
  const outside = time < nowTicks - MAX_PAST_TICKS || time > nowTicks + MAX_FUTURE_TICKS || time < -EPOCH_TICKS;
  const row: Record<string, unknown> = {
    // Without a time of its own a row gets that of its ingestion.
    ...(outside ? {} : { TimeGenerated: time }),
    IKey: envelope.iKey,
    ItemCount: Math.max(1, Math.round(100 / (envelope.sampleRate ?? 100))),
    ClientIP: '0.0.0.0',
    ClientType: 'PC',
    _BilledSize: Buffer.byteLength(JSON.stringify(envelope)),
  };
  for (const [tag, value] of Object.entries(envelope.tags ?? {})) row[TAGS[tag] ?? ''] = value;
  for (const [column, [field, read]] of Object.entries(kind.fields)) row[column] = read(baseData[field]);
  if (baseType === 'ExceptionData') Object.assign(row, exception(list(baseData.exceptions)));
  if (baseType === 'MetricData') return list(baseData.metrics).map((point) => metric(row, point));
  return [{ table: kind.table, row }];
}

function list(value: unknown): Data[] {
  return Array.isArray(value) ? value : [];
}

function metric(row: Row, point: Data): { table: string; row: Row } {
  const [, category, instance, counter] = COUNTER.exec(String(point.name)) ?? [];
  if (counter !== undefined) {
    const columns = { Category: category, Instance: instance, Counter: counter, Name: counter, Value: point.value };
    return { table: 'AppPerformanceCounters', row: { ...row, ...columns } };
  }
  const { name, value, count = 1, min = value, max = value } = point;
  return { table: 'AppMetrics', row: { ...row, Name: name, Sum: value, ItemCount: count, Min: min, Max: max } };
}

/** The chain goes from the outermost exception to the innermost. */
function exception(chain: readonly Data[]): Row {
  const [outer = {}, inner = {}] = [chain[0], chain.at(-1)];
  const [outerFrame = {}, innerFrame = {}] = [list(outer.parsedStack)[0], list(inner.parsedStack)[0]];
  return {
    ExceptionType: outer.typeName,
    Message: outer.message,
    Method: outerFrame.method,
    Assembly: outerFrame.assembly,
    OuterType: outer.typeName,
    OuterMessage: outer.message,
    OuterMethod: outerFrame.method,
    OuterAssembly: outerFrame.assembly,
    InnermostType: inner.typeName,
    InnermostMessage: inner.message,
    InnermostMethod: innerFrame.method,
    InnermostAssembly: innerFrame.assembly,
    Details: JSON.stringify(
      chain.map(({ typeName, stack, ...rest }) => ({ ...rest, type: typeName, rawStack: stack })),
    ),
  };
}
