import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';

let emulator: LogsEmulator;

before(async () => {
  emulator = await startLogsEmulator({ now: () => Date.parse('2026-11-22T14:05:00.250Z') });
});

after(() => emulator.close());

/** Examples of Microsoft's documentation, and the results that it shows; the API writes times and JSON its own way. */
const EXAMPLES: Readonly<Record<string, unknown[][]>> = {
  // Hashes.
  'print hash_xxhash64("World"), hash_xxhash64("World", 100), hash_xxhash64(datetime("2015-01-01"))': [
    [1846988464401551951n, 51, 1380966698541616202n],
  ],
  'print hash("World"), hash("World", 100), hash(datetime("2015-01-01"))': [
    [1846988464401551951n, 51, 1380966698541616202n],
  ],
  'print hash_sha256("World"), hash_sha256(datetime(2020-01-01))': [
    [
      '78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524',
      'ba666752dc1a20eb750b0eb64e780cc4c968bc9fb8813461c1d7e750f302d71d',
    ],
  ],

  // Bits.
  'print tohex(256), tohex(-256), tohex(toint(-256), 8), tohex(256, 8), tohex(256, 2)': [
    ['100', 'ffffffffffffff00', 'ffffff00', '00000100', '100'],
  ],
  [`datatable(num:long)[0xFFFFFFFF, 0xFFFFF, 0xFF] | summarize x = binary_all_xor(num),
    o = binary_all_or(num), a = binary_all_and(num) | project toupper(tohex(x)), toupper(tohex(o)),
    toupper(tohex(a))`]: [['FFF000FF', 'FFFFFFFF', 'FF']],
  'print binary_and(6, 3), binary_or(6, 3), binary_xor(6, 3), binary_not(100), binary_shift_right(-8, 1)': [
    [2, 7, 5, -101, -4],
  ],

  // Times.
  [`print todatetime("2026-12-31"), todatetime("2014-05-25T08:20:03.123456Z"),
    todatetime("2014-11-08 15:55"), todatetime("2014-11-08 15:05:25 GMT")`]: [
    ['2026-12-31T00:00:00Z', '2014-05-25T08:20:03.123456Z', '2014-11-08T15:55:00Z', '2014-11-08T15:05:25Z'],
  ],
  [`print todatetime("Sat, 8 Nov 14 15:05:02 GMT"), todatetime("8 Nov 14 15:05"),
    todatetime("Saturday, 08-Nov-14 15:05:02"), todatetime("08-Nov-14 15:05 GMT")`]: [
    ['2014-11-08T15:05:02Z', '2014-11-08T15:05:00Z', '2014-11-08T15:05:02Z', '2014-11-08T15:05:00Z'],
  ],
  [`print todatetime("2026-02-30"), todatetime(""), todatetime("2026-12-31T24:61"),
    todatetime("2026-12-31T23:30:00+02:00")`]: [[null, null, null, '2026-12-31T21:30:00Z']],
  [`print datetime_add('year', 1, make_datetime(2017,1,1)), datetime_add('quarter', 1,
    make_datetime(2017,1,1)), datetime_add('month', 1, make_datetime(2017,1,1)), datetime_add('week', 1,
    make_datetime(2017,1,1)), datetime_add('day', 1, make_datetime(2017,1,1)), datetime_add('hour', 1,
    make_datetime(2017,1,1)), datetime_add('minute', 1, make_datetime(2017,1,1)), datetime_add('second', 1,
    make_datetime(2017,1,1))`]: [
    [
      '2018-01-01T00:00:00Z',
      '2017-04-01T00:00:00Z',
      '2017-02-01T00:00:00Z',
      '2017-01-08T00:00:00Z',
      '2017-01-02T00:00:00Z',
      '2017-01-01T01:00:00Z',
      '2017-01-01T00:01:00Z',
      '2017-01-01T00:00:01Z',
    ],
  ],
  [`print datetime_add('year', -5, make_datetime(2017,1,1)), datetime_add('quarter', 12,
    make_datetime(2017,1,1)), datetime_add('month', -15, make_datetime(2017,1,1)), datetime_add('week',
    100, make_datetime(2017,1,1))`]: [
    ['2012-01-01T00:00:00Z', '2020-01-01T00:00:00Z', '2015-10-01T00:00:00Z', '2018-12-02T00:00:00Z'],
  ],
  [`print datetime_diff('year', datetime(2017-01-01), datetime(2000-12-31)), datetime_diff('quarter',
    datetime(2017-07-01), datetime(2017-03-30)), datetime_diff('month', datetime(2017-01-01),
    datetime(2015-12-30)), datetime_diff('week', datetime(2017-10-29 00:00), datetime(2017-09-30 23:59)),
    datetime_diff('day', datetime(2017-10-29 00:00), datetime(2017-09-30 23:59)), datetime_diff('hour',
    datetime(2017-10-31 01:00), datetime(2017-10-30 23:59)), datetime_diff('minute',
    datetime(2017-10-30 23:05:01), datetime(2017-10-30 23:00:59)), datetime_diff('second',
    datetime(2017-10-30 23:00:10.100), datetime(2017-10-30 23:00:00.900))`]: [[17, 2, 13, 5, 29, 2, 5, 10]],
  [`print dayofweek(datetime(2015-12-14)), dayofweek(datetime(1947-11-30 10:00:05)),
    hourofday(datetime(2015-12-14 18:54)), dayofmonth(datetime(2015-12-14)),
    dayofyear(datetime(2015-12-14)), monthofyear(datetime(2015-12-14)), getyear(datetime(2015-10-12)),
    week_of_year(datetime(2020-12-31)), week_of_year(datetime(2020-06-15))`]: [
    ['1.00:00:00', '00:00:00', 18, 14, 348, 12, 2015, 53, 25],
  ],
  [`range offset from -1 to 1 step 1 | project startofday(datetime(2017-01-01 10:10:17), offset),
    startofweek(datetime(2017-01-01 10:10:17), offset), startofmonth(datetime(2017-01-01 10:10:17),
    offset), startofyear(datetime(2017-01-01 10:10:17), offset)`]: [
    ['2016-12-31T00:00:00Z', '2016-12-25T00:00:00Z', '2016-12-01T00:00:00Z', '2016-01-01T00:00:00Z'],
    ['2017-01-01T00:00:00Z', '2017-01-01T00:00:00Z', '2017-01-01T00:00:00Z', '2017-01-01T00:00:00Z'],
    ['2017-01-02T00:00:00Z', '2017-01-08T00:00:00Z', '2017-02-01T00:00:00Z', '2018-01-01T00:00:00Z'],
  ],
  [`print endofday(datetime(2017-01-01 10:10:17)), endofweek(datetime(2017-01-01 10:10:17)),
    endofmonth(datetime(2017-01-01 10:10:17)), endofyear(datetime(2017-01-01 10:10:17), -1)`]: [
    [
      '2017-01-01T23:59:59.9999999Z',
      '2017-01-07T23:59:59.9999999Z',
      '2017-01-31T23:59:59.9999999Z',
      '2016-12-31T23:59:59.9999999Z',
    ],
  ],
  [`print make_datetime(2017,10,01), make_datetime(2017,10,01,12,10),
    make_datetime(2017,10,01,12,11,0.1234567), unixtime_seconds_todatetime(1546300800),
    datetime_part('week_of_year', datetime(2017-10-30 01:02:03.7654321))`]: [
    ['2017-10-01T00:00:00Z', '2017-10-01T12:10:00Z', '2017-10-01T12:11:00.1234567Z', '2019-01-01T00:00:00Z', 44],
  ],
  [`let dt = datetime(2017-01-29 09:00:05); print format_datetime(dt,'yy-MM-dd [HH:mm:ss]'),
    format_datetime(dt, 'yyyy-M-dd [H:mm:ss]'), format_datetime(dt, 'yy-MM-dd [hh:mm:ss tt]')`]: [
    ['17-01-29 [09:00:05]', '2017-1-29 [9:00:05]', '17-01-29 [09:00:05 AM]'],
  ],
  [`print bin(4.5, 1), bin(time(16d), 7d), bin(datetime(1970-05-11 13:45:07), 1d),
    bin(datetime(2026-11-22T14:05:00.1234567Z), 1h)`]: [
    [4, '14.00:00:00', '1970-05-11T00:00:00Z', '2026-11-22T14:00:00Z'],
  ],

  // Text.
  'let string_to_trim = @"--https://bing.com--"; print trim("--", string_to_trim)': [['https://bing.com']],
  [`range x from 1 to 2 step 1 | project str = strcat("-  ","Te st",x,@"// $")
    | extend trimmed_str = trim(@"[^\\w]+",str) | project trimmed_str`]: [['Te st1'], ['Te st2']],
  [`print trim_start(@"https:", "https://bing.com"), trim_end(@"\\.com", "bing.com"), trim(@"\\s+",
    "    Hello, world!    ")`]: [['//bing.com', 'bing', 'Hello, world!']],
  [`range x from 1 to 2 step 1 | extend str=strcat('Number is ', tostring(x)) | project replace_regex(str,
    @'is (\\d+)', @'was: \\1')`]: [['Number was: 1'], ['Number was: 2']],
  'print parse_url("scheme://username:password@host:1234/this/is/a/path?k1=v1&k2=v2#fragment")': [
    [
      '{"Scheme":"scheme","Host":"host","Port":"1234","Path":"/this/is/a/path","Username":"username",' +
        '"Password":"password","Query Parameters":{"k1":"v1","k2":"v2"},"Fragment":"fragment"}',
    ],
  ],
  'print substring("123456", 1), substring("123456", 2, 2), substring("ABCD", 0, 2), substring("123456", -2, 2)': [
    ['23456', '34', 'AB', '56'],
  ],
  [`print strcat_delim("-", 1, "2", "A", 1s), strrep("ABC", 2), reverse("ABC"),
    countof("The cat sat on the mat", "at"), indexof("abcdefg", "cde"),
    url_decode(@"https%3a%2f%2fwww.bing.com%2f")`]: [
    ['1-2-A-00:00:01', 'ABCABC', 'CBA', 3, 2, 'https://www.bing.com/'],
  ],
  [`print extract('([0-9.]+)', 1, 'Duration=123.45', typeof(real)), extract_all(@'(\\d+)',
    'a set of numbers: 123, 567 and 789'), base64_decode_tostring('S3VzdG8='),
    base64_encode_tostring('Kusto')`]: [[123.45, '["123","567","789"]', 'Kusto', 'S3VzdG8=']],

  // Dynamic values.
  'print bag_pack("Level", "Information", "ProcessID", 1234, "Data", bag_pack("url", "www.bing.com"))': [
    ['{"Level":"Information","ProcessID":1234,"Data":{"url":"www.bing.com"}}'],
  ],
  [`datatable(SourceNumber:string,TargetNumber:string,CharsCount:long) ['555-555-1313','',42]
    | extend Packed=pack_all(), PackedIgnoreNullEmpty=pack_all(true) | project Packed, PackedIgnoreNullEmpty`]: [
    [
      '{"SourceNumber":"555-555-1313","TargetNumber":"","CharsCount":42}',
      '{"SourceNumber":"555-555-1313","CharsCount":42}',
    ],
  ],
  "print bag_merge(dynamic({'A1':12, 'B1':2, 'C1':3}), dynamic({'A2':81, 'B2':82, 'A1':1}))": [
    ['{"A2":81,"B2":82,"A1":12,"B1":2,"C1":3}'],
  ],
  [`print bag_remove_keys(dynamic({'key1' : 123, 'key2': 'abc'}), dynamic(['key1'])),
    bag_has_key(dynamic({'key1' : 123}), 'key1'), bag_keys(dynamic({'a':'b', 'c':123}))`]: [
    ['{"key2":"abc"}', true, '["a","c"]'],
  ],
  [`print array_slice(dynamic([1,2,3]), 1, 2), array_slice(dynamic([1,2,3,4,5]), 2, -1),
    array_slice(dynamic([1,2,3,4,5]), -3, -2), array_concat(dynamic([1,2]), dynamic(["a"])),
    array_index_of(dynamic(["this", "is", "an", "example"]), "an"), array_sum(dynamic([1, 2, 3, 4]))`]: [
    ['[2,3]', '[3,4,5]', '[3,4]', '[1,2,"a"]', 2, 10],
  ],
  [`print set_has_element(dynamic(["this", "is"]), "is"), strcat_array(dynamic([1, 2, 3]), "->"),
    extract_json("$.a", '{"a":5}', typeof(long))`]: [[true, '1->2->3', 5]],
  [`print dynamic([1, -2.5, true, null, 'x']), dynamic({'a': datetime(2020-01-01),
    "b c": {'d': guid(74be27de-1e4e-49d9-b579-fe0b331d3642)}}), dynamic('text'), dynamic(null)`]: [
    [
      '[1,-2.5,true,null,"x"]',
      '{"a":"2020-01-01T00:00:00.0000000Z","b c":{"d":"74be27de-1e4e-49d9-b579-fe0b331d3642"}}',
      'text',
      null,
    ],
  ],

  // Nulls.
  'datatable(val:int)[5, int(null)] | project val > 3, val > 3 or isnull(val), val == int(null), val != int(null)': [
    [true, true, false, true],
    [null, true, null, null],
  ],
  'datatable(ival:int, sval:string)[5, "a", int(null), "b"] | where ival != 5': [[null, 'b']],
  'datatable(val:int)[5, int(null)] | project val in (5, 6), val !in (5, 6), not(val == 5)': [
    [true, false, false],
    [false, true, true],
  ],
};

describe('the Logs emulator answers as the documentation shows', () => {
  for (const [query, expected] of Object.entries(EXAMPLES)) {
    it(query, async () => {
      const found = await emulator.query(query);
      assert.deepEqual(
        found.map((row) => Object.values(row)),
        expected,
      );
    });
  }
});
