import { type Mutant, one } from './mutant.ts';
import { AHEAD_MUTANTS } from './mutants-ahead.ts';
import { AUDIT_MUTANTS } from './mutants-audit.ts';
import { FLAT_MUTANTS } from './mutants-flat.ts';

const HOME = 'src/core/home.ts';
const WINDOWS = 'src/core/windows.ts';
const STAGE = 'src/core/stage.ts';
const COMMIT = 'src/core/lake/commit.ts';
const SESSION = 'src/core/lake/session.ts';
const LAKE_STAGE = 'src/core/lake/stage.ts';
const PUBLISH = 'src/core/lake/publish.ts';
const SWEEP = 'src/core/lake/sweep.ts';

const REPLACE = 'await store.replace(path, text, etag, via())';
const SETTLE = 'await commitWatermark(store, home, current, following(position, []), staging.spare);';
const RENAME = 'await store.rename(part.staged, part.path, part.etag);';

export const MUTANTS: readonly Mutant[] = [
  one(
    'commit before stage',
    STAGE,
    'return await stagePart(run, opened, { window }, how);',
    'const { session } = opened;\n    await session.commit({ ...session.position, exportedUntilMs: window.endMs }, []);\n' +
      '    await session.publish();\n    return await stagePart(run, opened, { window }, how);',
  ),
  {
    name: 'publish before commit',
    edits: [
      {
        file: SESSION,
        find: 'isPublished = false;\n      // They',
        replace: 'for (const part of parts) await staging.publish(part, 0);\n      // They',
      },
    ],
  },
  one('no redo of publishing', HOME, 'await session.publish();\n    for await', 'for await'),
  one(
    'unconditional commit',
    COMMIT,
    REPLACE,
    'await store.replace(path, text, (await store.read(path))?.etag, via())',
  ),
  one(
    'a refused commit taken for a lost reply without reading back',
    COMMIT,
    'const found = await readBack(store, home, causes.at(-1));',
    'const found = { ...(await readBack(store, home, causes.at(-1))), ...next };',
  ),
  one('any answer to a commit taken for done', COMMIT, 'causes.push(error);', 'return { ...next, etag };'),
  one(
    'whatever is read back taken for what was held',
    COMMIT,
    'return found.etag === held.etag || formatWatermark(found) === formatWatermark(held);',
    'return found !== held;',
  ),
  one('read back compares the run only', COMMIT, ' && found.commit === next.commit', ''),
  one('read back compares the commit only', COMMIT, 'found.runId === next.runId && ', ''),
  one(
    'staged files of an unconfirmed commit deleted',
    SESSION,
    'if (error instanceof SupersededError || error instanceof NotSentError) {',
    '{',
  ),
  one(
    'publish that overwrites',
    PUBLISH,
    RENAME,
    'if ((await store.stat(part.staged)) !== undefined) await store.remove(part.path);\n' +
      '    await store.rename(part.staged, part.path, (await store.stat(part.staged))?.etag ?? part.etag);',
  ),
  one('any rename error taken for done', PUBLISH, '} catch (cause) {', '} catch (cause) {\n    return;'),
  one(
    'going on after a failed publish',
    SESSION,
    'await staging.publish(part, current.updatedAtMs);',
    'await staging.publish(part, current.updatedAtMs).catch(() => undefined);',
  ),
  one('the etag of the source not checked', PUBLISH, ' || (source.etag !== part.etag && source.bytes === 0)', ''),
  one('a staged file with another etag taken for published', PUBLISH, ' && source.bytes === 0', ''),
  one(
    'whatever is staged under the name is published',
    PUBLISH,
    RENAME,
    'await store.rename(part.staged, part.path, (await store.stat(part.staged))?.etag ?? part.etag);',
  ),
  one(
    'a missing staged part queried again while a reader takes parts away',
    SESSION,
    'for (const part of current.publishing) await staging.publish(part, current.updatedAtMs);',
    'for (const part of current.publishing) {\n' +
      '        const isGone = !(await store.stat(part.staged ?? part.path)) && !(await store.stat(part.path));\n' +
      '        await staging.publish(part, current.updatedAtMs);\n' +
      "        const { parseCompact } = await import('../window.ts');\n" +
      "        const startMs = parseCompact(part.path.split('/').at(-1).split('_')[0]) ?? 0;\n" +
      '        if (isGone) current = { ...current, position: { ...current.position, exportedUntilMs: startMs } };\n' +
      '      }',
  ),
  {
    name: 'sweep whatever is not its own',
    edits: [
      { file: SWEEP, find: ' || kept.has(folder.path)', replace: '' },
      { file: SWEEP, find: ' || commit >= watermark.commit', replace: '' },
    ],
  },
  one('sweep folders of the commit that holds', SWEEP, 'commit >= watermark.commit', 'commit > watermark.commit'),
  one(
    'clearing before the renames',
    SESSION,
    'for (const part of current.publishing) await staging.publish(part, current.updatedAtMs);',
    'const text = formatWatermark(following(current.position, []));\n' +
      '      const gone = await store.replace(watermarkPath(home), text, current.etag, staging.spare()).then(() => true, () => false);\n' +
      '      for (const part of current.publishing) await staging.publish(part, current.updatedAtMs);\n' +
      '      if (gone) current = (await readWatermark(store, home)) ?? current;',
  ),
  one('clearing after a failed rename', SESSION, 'if (isPublished && !isSettled)', 'if (!isSettled)'),
  one(
    'clearing whatever is there',
    SESSION,
    SETTLE,
    SETTLE.replace('current', '(await readWatermark(store, home)) ?? current'),
  ),
  one('closed window end', 'src/core/kql/query.ts', '} and ingestion_time() <', '} and ingestion_time() <='),
  one(
    'truncated answer taken',
    LAKE_STAGE,
    'for (let next = await more(); !next.done; next = await more()) {',
    'for (let next = await more().catch(() => ({ done: true }) as const); !next.done; next = await more().catch(() => ({ done: true }) as const)) {',
  ),
  one(
    'second half forgotten',
    'src/core/ahead.ts',
    'return { sizeMs, isSlow: error.rows === 0 };',
    'const half = { startMs: window.startMs, endMs: window.startMs + sizeMs };\n' +
      '    const found = await stageWindow(run, opened, half, how).catch((error) => ({ error }));\n' +
      "    return 'error' in found ? found : { staged: { ...found, window } };",
  ),
  {
    name: 'hash parts of different n in one commit',
    edits: [
      { file: STAGE, find: '    const staged: StagedWindow[] = [];\n', replace: '' },
      {
        file: STAGE,
        find: '  for (let of = 2;',
        replace: '  const staged: StagedWindow[] = [];\n  for (let of = 2;',
      },
      { file: STAGE, find: 'if (whole.rows === count)', replace: 'if (whole.rows === count || true)' },
      { file: STAGE, find: 'await opened.session.discard(staged.flatMap(({ parts }) => parts));', replace: '' },
    ],
  },
  one(
    'one hash part forgotten',
    STAGE,
    'for (let index = 0; index < of; index++)',
    'for (let index = 0; index < of - 1; index++)',
  ),
  one("the machine's clock trusted", WINDOWS, 'if (window.endMs + lagMs <= asOfMs)', 'if (asOfMs > 0)'),
  one(
    "the machine's clock trusted for the beginning",
    'src/core/open.ts',
    'run.startedAtMs - Math.max(0, aheadMs)',
    'run.startedAtMs',
  ),
  one(
    'Date compared without the time that the query took',
    'test/sim/world.ts',
    'dateMs - (headersMs - startedMs)',
    'dateMs',
  ),
  {
    name: 'no lag',
    edits: [
      { file: 'src/core/run.ts', find: 'startedAtMs - options.lagMs - DATE_PRECISION_MS', replace: 'startedAtMs' },
      {
        file: WINDOWS,
        find: 'if (window.endMs + lagMs <= asOfMs)',
        replace: 'if (window.endMs <= asOfMs)',
      },
    ],
  },
  one(
    'a window that ends before it starts',
    'src/core/window.ts',
    'return endMs > startMs ? { startMs, endMs } : undefined;',
    'return { startMs, endMs };',
  ),
  one(
    'the workspace not checked',
    'src/core/open.ts',
    'if (source.toLowerCase() === expected.toLowerCase()) return;',
    'return;',
  ),
  one(
    'a halved window forgotten at the end of the run',
    'src/core/home.ts',
    'windowMs: pace.learnedMs ?? session.position.windowMs',
    'windowMs: session.position.windowMs',
  ),
  one(
    'a staged name used twice by one run',
    'src/core/lake/lake.ts',
    '() => ++numbers)',
    '() => (numbers = (numbers % 3) + 1))',
  ),
  ...AHEAD_MUTANTS,
  ...AUDIT_MUTANTS,
  ...FLAT_MUTANTS,
];
