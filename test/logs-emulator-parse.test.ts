import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';
import { rows } from './support/logs-client.ts';

let emulator: LogsEmulator;

before(async () => {
  emulator = await startLogsEmulator();
});

after(() => emulator.close());

const EVENT =
  'print EventText = "Event: NotifySliceRelease (resourceName=PipelineScheduler, totalSlices=27, sliceNumber=23, ' +
  'lockTime=02/17/2016 08:40:01, releaseTime=02/17/2016 08:40:01, previousLockTime=02/17/2016 08:39:01)"';

/** Examples of the documentation of `parse`, `parse-where` and `parse-kv`, with its results. */
const EXAMPLES: Readonly<Record<string, unknown[][]>> = {
  [`${EVENT}
    | parse EventText with * "resourceName=" resourceName ", totalSlices=" totalSlices: long *
      "sliceNumber=" sliceNumber: long * "lockTime=" lockTime ", releaseTime=" releaseTime: date "," *
      "previousLockTime=" previousLockTime: date ")" *
    | project resourceName, totalSlices, sliceNumber, lockTime, releaseTime, previousLockTime`]: [
    ['PipelineScheduler', 27, 23, '02/17/2016 08:40:01', '2016-02-17T08:40:01Z', '2016-02-17T08:39:01Z'],
  ],
  [`${EVENT}
    | parse kind=regex EventText with "(.*?)[a-zA-Z]*=" resourceName
      @", totalSlices=\\s*\\d+\\s*.*?sliceNumber=" sliceNumber: long
      ".*?(previous)?lockTime=" lockTime ".*?releaseTime=" releaseTime
      ".*?previousLockTime=" previousLockTime: date "\\\\)"
    | project resourceName, sliceNumber, lockTime, releaseTime, previousLockTime`]: [
    ['PipelineScheduler', 23, '02/17/2016 08:40:01, ', '02/17/2016 08:40:01, ', '2016-02-17T08:39:01Z'],
  ],
  [`${EVENT} | parse kind=regex EventText with * "resourceName=" resourceName "," * | project resourceName`]: [
    [
      'PipelineScheduler, totalSlices=27, sliceNumber=23, lockTime=02/17/2016 08:40:01, ' +
        'releaseTime=02/17/2016 08:40:01',
    ],
  ],
  [`${EVENT} | parse kind=regex flags=Ui EventText with * "RESOURCENAME=" resourceName "," * | project resourceName`]: [
    ['PipelineScheduler'],
  ],
  [`${EVENT} | parse-where kind=regex EventText with * "nothing=" found | count`]: [[0]],
  [`${EVENT} | parse kind=regex EventText with * "nothing=" found | project found`]: [['']],
  'print s = "n=abc;m=5" | parse kind=relaxed s with "n=" n:long ";m=" m:long | project n, m': [[null, 5]],
  'print s = "n=abc;m=5" | parse s with "n=" n:long ";m=" m:long | project n, m': [[null, null]],

  [`print str="ThreadId:458745723, Machine:Node001, Text: The service is up, Level: Info"
    | parse-kv str as (Text: string, ThreadId:long, Machine: string) with (pair_delimiter=",",
    kv_delimiter=":") | project-away str`]: [['The service is up', 458745723, 'Node001']],
  [`print str='src=10.1.1.123 dst=10.1.1.124 bytes=125 failure="connection aborted" "event time"=2021-01-01T10:00:54'
    | parse-kv str as (["event time"]:datetime, src:string, dst:string, bytes:long, failure:string)
    with (pair_delimiter=" ", kv_delimiter="=", quote='"') | project-away str`]: [
    ['2021-01-01T10:00:54Z', '10.1.1.123', '10.1.1.124', 125, 'connection aborted'],
  ],
  [`print str="src=10.1.1.123 dst=10.1.1.124 bytes=125 failure=(connection aborted) (event time)=(2021-01-01 10:00:54)"
    | parse-kv str as (["event time"]:datetime, src:string, dst:string, bytes:long, failure:string)
    with (pair_delimiter=" ", kv_delimiter="=", quote="()") | project-away str`]: [
    ['2021-01-01T10:00:54Z', '10.1.1.123', '10.1.1.124', 125, 'connection aborted'],
  ],
  [`print str='src=10.1.1.123 failure="the remote host sent \\\\"bye!\\\\"" time=2021-01-01T10:00:54'
    | parse-kv str as (["time"]:datetime, src:string, failure:string) with (pair_delimiter=" ",
    kv_delimiter="=", quote='"', escape="\\\\") | project-away str`]: [
    ['2021-01-01T10:00:54Z', '10.1.1.123', 'the remote host sent "bye!"'],
  ],
  [`print str="name=John Doe phone=555 5555 city=New York" | parse-kv str as (name:string, phone:string,
    city:string) with (pair_delimiter=" ", kv_delimiter="=") | project-away str`]: [['John', '555', 'New']],
  [`print str="name=John Doe phone=555 5555 city=New York" | parse-kv str as (name:string, phone:string,
    city:string) with (pair_delimiter=" ", kv_delimiter="=", greedy=true) | project-away str`]: [
    ['John Doe', '555 5555', 'New York'],
  ],
  [`print str="2021-01-01T10:00:34 [INFO] ThreadId:458745723, Machine:Node001, Text: Started"
    | parse-kv str as (Text: string, ThreadId:long, Machine: string) | project-away str`]: [
    ['Started', 458745723, 'Node001'],
  ],
  [`print str="2021-01-01T10:00:34 [INFO] ThreadId:458745723, Machine:Node001, Text: 'The service \\\\' is up'"
    | parse-kv str as (Text: string, ThreadId:long, Machine: string) with (quote="'", escape="\\\\")
    | project-away str`]: [["The service ' is up", 458745723, 'Node001']],
  [`print str=strcat(@'["referer url: https://hostname.com/redirect?dest=/?h=1234", ',
      @'"request url: https://hostname.com/?h=1234", ', @'"advertiser id: 24fefbca-cf27-4d62-a623-249c2ad30c73"]')
    | parse-kv str as (["referer url"]:string, ["request url"]:string, ["advertiser id"]: guid)
    with (regex=@'"([\\w ]+)\\s*:\\s*([^"]*)"') | project-away str`]: [
    [
      'https://hostname.com/redirect?dest=/?h=1234',
      'https://hostname.com/?h=1234',
      '24fefbca-cf27-4d62-a623-249c2ad30c73',
    ],
  ],
  [`print str="a=1;b=2;a=3" | parse-kv str as (a:long, c:long, d:string) with (pair_delimiter=";",
    kv_delimiter="=") | project-away str`]: [[1, null, '']],
};

describe('the Logs emulator takes texts apart as the documentation shows', () => {
  for (const [query, expected] of Object.entries(EXAMPLES)) {
    it(query, async () => assert.deepEqual(await rows(emulator, query), expected));
  }
});
