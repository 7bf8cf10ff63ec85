import { type Mutant, one } from './mutant.ts';

const HOME = 'src/core/home.ts';
const AUDIT = 'src/core/audit.ts';
const EXAMINE = 'src/core/examine.ts';
const LATE = 'src/core/late.ts';
const CLAIMS = 'src/core/claims.ts';
const BACKFILL = 'src/core/backfill.ts';
const LISTING = 'src/core/listing.ts';
const VERDICTS = 'src/core/lake/verdicts.ts';
const COMMIT = 'src/core/lake/commit.ts';
const SESSION = 'src/core/lake/session.ts';

/** Claims, audit and backfill. */
export const AUDIT_MUTANTS: readonly Mutant[] = [
  one(
    'read back by exportedUntil',
    COMMIT,
    'found.commit === next.commit',
    'found.position.exportedUntilMs === next.position.exportedUntilMs',
  ),
  one(
    'late rows committed unconditionally',
    SESSION,
    'current = await commitWatermark(store, home, current, ',
    'const isLate = position.exportedUntilMs === current.position.exportedUntilMs && parts.length > 0;\n' +
      '        const found = isLate ? await readWatermark(store, home) : current;\n' +
      '        current = await commitWatermark(store, home, found ?? current, ',
  ),
  one('claims from the listing', EXAMINE, 'if (rows !== claim.rows) return', 'if (false) return'),
  one(
    'hours compared by count only',
    'src/core/tally.ts',
    'a.rows === b.rows && a.xor === b.xor && a.sum === b.sum',
    'a.rows === b.rows',
  ),
  one('exported rows not subtracted', LATE, 'return false;', 'return true;'),
  one('a set of keys in place of a multiset', LATE, 'own[at] = 1;', ''),
  one('rows of the names not added up', EXAMINE, "if (rows !== claim.rows) return 'taken';", ''),
  one(
    'audit before publish',
    HOME,
    'await session.publish();\n    for await',
    'claims = await audit(run, opened);\n    await session.publish();\n    for await',
  ),
  one(
    'a claim does not grow by its late part',
    CLAIMS,
    '(each.fromMs === claim.fromMs ? grown : each)',
    '(grown ? each : each)',
  ),
  one(
    'a claim dropped before its verdict',
    AUDIT,
    'if (verdicts.length > 0) await session.record(verdicts, opened.isAgain);',
    'if (verdicts.length > 0) {\n' +
      '    const { position } = session;\n' +
      '    const left = position.claims.filter(({ fromMs }) => !verdicts.some((verdict) => verdict.fromMs === fromMs));\n' +
      '    await session.commit({ ...position, claims: left }, []);\n' +
      '    await session.publish();\n' +
      '    await session.record(verdicts);\n  }',
  ),
  // A verdict without reading the watermark again is rarely wrong: the suite of sessions notices it, not the simulation.
  one(
    'a verdict written beside those that it overlaps',
    VERDICTS,
    'const all = [...kept, ...missing]',
    'const all = [...verdicts, ...missing]',
  ),
  one('the verdict of before a repair kept', VERDICTS, ' || (isAgain && isBefore(other, verdict))', ''),
  one('a verdict that does not stay', VERDICTS, 'isAgain && isBefore', 'isBefore'),
  one('settled hours of a repair not recounted', HOME, '!isAgain && ', ''),
  one('set back that keeps claims', 'test/sim/people.ts', 'publishing: [], claims }', 'publishing: [] }'),
  one(
    'a late part named like that of the window',
    'src/core/lake/part.ts',
    'const late = isLate ?',
    'const late = false ?',
  ),
  one('windows without parts left out', LATE, 'fill(part.startMs);', 'atMs = Math.max(atMs, part.startMs);'),
  one(
    'a backfill listed unconditionally',
    LISTING,
    'await session.commit(listed, []);',
    'const fresh = (await openExport(run)).session;\n      await fresh.publish();\n      await fresh.commit(listed, []);',
  ),
  {
    name: 'the range of a refused listing kept',
    edits: [
      {
        file: LISTING,
        find: '  for (let attempt = 1; ; attempt++) {',
        replace: '  let first;\n  for (let attempt = 1; ; attempt++) {',
      },
      {
        file: LISTING,
        find: 'const listed = await withBackfill(run, session.position, range);',
        replace:
          'first ??= session.position;\n' +
          '      const { exportedFromMs } = first;\n' +
          '      const listed = await withBackfill(run, { ...session.position, exportedFromMs }, range);',
      },
    ],
  },
  one(
    "a backfill's watermark removed when it is done",
    SESSION,
    'await staging.clear();\n      }\n    },\n\n    async sweep',
    'await staging.clear();\n' +
      '        const isDone = position.claims.length === 0 && position.backfills.length === 0;\n' +
      "        if (home.includes('/_backfill/') && isDone) await store.remove(watermarkPath(home));\n" +
      '      }\n    },\n\n    async sweep',
  ),
  one(
    'a repair begun anew that leaves the claims of the one before',
    'src/core/repair.ts',
    'await session.commit({ ...position, exportedUntilMs, claims: [] }, []);',
    '',
  ),
  one('a backfill dropped before its last publish', BACKFILL, ' && unpublished.parts === 0', ''),
  one('a backfill dropped before its claims', BACKFILL, ' && position.claims.length === 0', ''),
  one(
    'a home that is created over another',
    SESSION,
    'await store.replace(watermarkPath(home), text, undefined, staging.spare())',
    'await store.replace(watermarkPath(home), text, (await store.read(watermarkPath(home)))?.etag, staging.spare())',
  ),
  one(
    'the staging of a backfill swept by the live watermark',
    'src/core/lake/lake.ts',
    'sweep: (watermark, signal) => sweepStaging(store, home, watermark, signal),',
    'async sweep(watermark, signal) {\n' +
      "      const others = await Array.fromAsync(store.list(home.concat('/_backfill')));\n" +
      '      for (const { path } of others) await sweepStaging(store, path, watermark, signal);\n' +
      '      return sweepStaging(store, home, watermark, signal);\n' +
      '    },',
  ),
];
