import { EPOCH_TICKS } from './ticks.ts';

/** What the translated queries call; run once per database. */
export const MACROS = [
  `floor_mod(a, b) AS ((a % b) + b) % b`,
  `equal(a, b) AS CASE WHEN a IS NULL AND b IS NULL THEN NULL ELSE a IS NOT DISTINCT FROM b END`,

  // Times and spans.
  `calendar(t) AS make_timestamp((t - floor_mod(t, 10)) // 10)`,
  `datetime_text(t) AS strftime(calendar(t), '%Y-%m-%dT%H:%M:%S.%f') || floor_mod(t, 10) || 'Z'`,
  // Cells are written as Kusto's JSON writes them, without the zeros at the end of a fraction.
  `datetime_json(t) AS rtrim(rtrim(rtrim(datetime_text(t), 'Z'), '0'), '.') || 'Z'`,
  `timespan_text(t) AS (CASE WHEN t < 0 THEN '-' ELSE '' END) ||
    (CASE WHEN abs(t) >= 864000000000 THEN (abs(t) // 864000000000) || '.' ELSE '' END) ||
    printf('%02d:%02d:%02d', abs(t) // 36000000000 % 24, abs(t) // 600000000 % 60, abs(t) // 10000000 % 60) ||
    (CASE WHEN t % 10000000 <> 0 THEN printf('.%07d', abs(t) % 10000000) ELSE '' END)`,
  `is_timespan(s) AS regexp_matches(s, '^\\s*-?(\\d+\\.)?\\d\\d?:\\d\\d?(:\\d\\d?(\\.\\d{1,7})?)?\\s*$')`,
  `parse_timespan(s) AS (CASE WHEN is_timespan(s) THEN (CASE WHEN s LIKE '%-%' THEN -1 ELSE 1 END) * (
    coalesce(TRY_CAST(regexp_extract(s, '(\\d+)\\.\\d+:', 1) AS BIGINT), 0) * 864000000000 +
    CAST(regexp_extract(s, '(\\d+):(\\d+)', 1) AS BIGINT) * 36000000000 +
    CAST(regexp_extract(s, '(\\d+):(\\d+)', 2) AS BIGINT) * 600000000 +
    coalesce(TRY_CAST(regexp_extract(s, ':\\d+:(\\d+)', 1) AS BIGINT), 0) * 10000000 +
    coalesce(TRY_CAST(rpad(regexp_extract(s, ':\\d+\\.(\\d+)', 1), 7, '0') AS BIGINT), 0)) END)`,
  `weekday(t) AS CAST(date_part('dow', calendar(t)) AS BIGINT)`,
  // Months since year 0, and back.
  `month_number(t) AS CAST(date_part('year', calendar(t)) * 12 + date_part('month', calendar(t)) - 1 AS BIGINT)`,
  `month_start(m) AS epoch_us(make_timestamp(CAST(m AS BIGINT) // 12, CAST(m AS BIGINT) % 12 + 1, 1, 0, 0, 0)) * 10`,
  `add_months(t, n) AS epoch_us(calendar(t) + to_months(CAST(n AS INTEGER))) * 10 + floor_mod(t, 10)`,

  // Numbers.
  `real_text(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN
    (CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END) ELSE x::VARCHAR END`,
  `floor_bin(x, size) AS floor(x / size) * size`,
  `tick_bin(x, size) AS x - floor_mod(x, size)`,
  `datetime_bin(x, size) AS x - floor_mod(x + ${EPOCH_TICKS}, size)`,

  // Dynamic values.
  `member(x, path) AS CASE WHEN json_valid(x) THEN json_extract_string(x, path) END`,
  `dynamic_json(x) AS CASE WHEN x IS NULL THEN 'null'::JSON WHEN json_valid(x) THEN x::JSON ELSE to_json(x) END`,
  `json_items(x) AS CASE WHEN json_valid(x) AND json_type(x) = 'ARRAY' THEN json_extract(x, '$[*]')
    ELSE [dynamic_json(x)] END`,
  `json_pair(x, k) AS to_json(k)::VARCHAR || ':' || json_extract(x, '$."' || k || '"')::VARCHAR`,
  `elements(x) AS CASE WHEN NOT json_valid(x) THEN [x]
    WHEN json_type(x) = 'ARRAY' AND json_array_length(x) > 0 THEN json_extract_string(x, '$[*]')
    WHEN json_type(x) = 'ARRAY' THEN [NULL]
    WHEN json_type(x) = 'OBJECT' THEN list_transform(json_keys(x), lambda k: '{' || json_pair(x, k) || '}')
    ELSE [x] END`,
  // The same with a key and its value as an array of two.
  `element_pairs(x) AS CASE WHEN json_valid(x) AND json_type(x) = 'OBJECT' THEN list_transform(json_keys(x),
    lambda k: '[' || to_json(k)::VARCHAR || ',' || json_extract(x, '$."' || k || '"')::VARCHAR || ']')
    ELSE elements(x) END`,
  // A bag with only these of its keys, or without them.
  `pick_keys(x, names) AS '{' || coalesce(list_aggregate(list_transform(
    list_filter(json_keys(x), lambda k: list_contains(names, k)),
    lambda k: json_pair(x, k)), 'string_agg', ','), '') || '}'`,
  `remove_keys(x, names) AS pick_keys(x, list_filter(json_keys(x), lambda k: NOT list_contains(names, k)))`,

  // Text.
  `count_of(x, part) AS CAST((length(x) - length(replace(x, part, ''))) // length(part) AS BIGINT)`,
  `has_term(x, term, head, tail) AS regexp_matches(x, head || regexp_escape(term) || tail)`,
].map((macro) => `CREATE MACRO ${macro};`);
