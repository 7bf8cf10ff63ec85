/** One way to break the protocol. Each `find` must occur exactly once in its file. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
}

const EXPORTER = 'src/core/exporter.ts';
const COMMIT = 'src/core/lake/commit.ts';
const PUBLISH = 'src/core/lake/publish.ts';
const STAGE = 'src/core/stage.ts';
const SWEEP = 'src/core/lake/sweep.ts';

const one = (name: string, file: string, find: string, replace: string): Mutant => ({
  name,
  edits: [{ file, find, replace }],
});

const COMMIT_WINDOW = 'await commit(run, window.endMs, staged.parts);';
const STAGE_WINDOW = 'const staged = await stageOrNarrow(run, window);';

export const MUTANTS: readonly Mutant[] = [
  one('commit before stage', EXPORTER, STAGE_WINDOW, `await commit(run, window.endMs, []); ${STAGE_WINDOW}`),
  one(
    'publish before commit',
    EXPORTER,
    COMMIT_WINDOW,
    `for (const part of staged.parts) await run.ports.store.rename(part.staged, part.path, part.etag); ${COMMIT_WINDOW}`,
  ),
  one('no redo of publishing', EXPORTER, 'await publish(run);\n  try {', 'run.published = true;\n  try {'),
  one(
    'unconditional commit',
    COMMIT,
    'await ports.store.replace(path, text, etag, stagedPath(run))',
    'await ports.store.replace(path, text, (await ports.store.read(path))?.etag, stagedPath(run))',
  ),
  one(
    'a refused commit taken for a lost reply without reading back',
    COMMIT,
    'const found = await readWatermark(ports.store, options.name);',
    'const read = await readWatermark(ports.store, options.name);\n' +
      '    const found = read && { ...read, watermark: following(run, untilMs, publishing) };',
  ),
  one('read back compares the run only', COMMIT, ' && found.watermark.exportedUntilMs === untilMs', ''),
  one(
    'staged files of an unconfirmed commit deleted',
    COMMIT,
    '  throw new Error(\n    `',
    '  run.uncommitted = publishing.map((part) => part.staged);\n  throw new Error(\n    `',
  ),
  one(
    'publish that overwrites',
    PUBLISH,
    'await store.rename(part.staged, part.path, part.etag);',
    'if ((await store.stat(part.staged)) !== undefined) await store.remove(part.path);\n' +
      '    await store.rename(part.staged, part.path, (await store.stat(part.staged))?.etag ?? part.etag);',
  ),
  one('any rename error taken for done', PUBLISH, '} catch (cause) {', '} catch (cause) {\n    return;'),
  one(
    'going on after a failed publish',
    PUBLISH,
    'await publishPart(run, part);',
    'await publishPart(run, part).catch(() => undefined);',
  ),
  one('the etag of the source not checked', PUBLISH, ' || source.etag !== part.etag', ''),
  one(
    'whatever is staged under the name is published',
    PUBLISH,
    'await store.rename(part.staged, part.path, part.etag);',
    'await store.rename(part.staged, part.path, (await store.stat(part.staged))?.etag ?? part.etag);',
  ),
  {
    name: 'a missing staged part queried again while a reader takes parts away',
    edits: [
      {
        file: PUBLISH,
        find: 'if (target === undefined) log.warn(takenAway(run, part));',
        replace:
          'if (target === undefined) {\n' +
          "        const { parseCompact } = await import('../window.ts');\n" +
          "        const startMs = parseCompact(part.path.split('/').at(-1).split('_')[0]) ?? 0;\n" +
          '        run.current = { ...run.current, watermark: { ...run.current.watermark, exportedUntilMs: startMs } };\n' +
          '        log.warn(takenAway(run, part));\n' +
          '      }',
      },
    ],
  },
  {
    name: 'sweep by age alone',
    edits: [
      { file: SWEEP, find: '|| kept.has(folder.path)', replace: '' },
      {
        file: EXPORTER,
        find: 'await publish(run);\n  try {',
        replace: 'await sweep(run);\n  await publish(run);\n  try {',
      },
      { file: SWEEP, find: 'newestMs > modifiedMs - HOUR_MS', replace: 'newestMs > run.startedAtMs - HOUR_MS' },
    ],
  },
  {
    name: 'clearing before the renames',
    edits: [
      {
        file: PUBLISH,
        find: 'for (const part of run.current.watermark.publishing)',
        replace:
          "const { settle } = await import('./commit.ts');\n  await settle(run);\n" +
          '  for (const part of run.current.watermark.publishing)',
      },
    ],
  },
  one('clearing after a failed rename', EXPORTER, 'if (run.published) await settle(run);', 'await settle(run);'),
  one('closed window end', 'src/core/kql/query.ts', 'ingestion_time() < datetime', 'ingestion_time() <= datetime'),
  one(
    'truncated answer taken',
    STAGE,
    '} finally {\n    await rest.return?.();',
    '} catch {\n    return;\n  } finally {\n    await rest.return?.();',
  ),
  one(
    'second half forgotten',
    EXPORTER,
    'return undefined;\n  }',
    'return await stageWindow(run, { startMs: window.startMs, endMs: window.startMs + run.sizeMs });\n  }',
  ),
  {
    name: 'hash parts of different n in one commit',
    edits: [
      { file: STAGE, find: '      const staged: StagedWindow[] = [];\n', replace: '' },
      {
        file: STAGE,
        find: '  for (let of = 2;',
        replace: '  const staged: StagedWindow[] = [];\n  for (let of = 2;',
      },
      { file: STAGE, find: 'if (whole.rows === count)', replace: 'if (whole.rows === count || true)' },
      { file: STAGE, find: '      await unstage(run);\n      if (!(error', replace: '      if (!(error' },
    ],
  },
  one(
    'one hash part forgotten',
    STAGE,
    'for (let index = 0; index < of; index++)',
    'for (let index = 0; index < of - 1; index++)',
  ),
  one("the machine's clock trusted", EXPORTER, 'if (window.endMs + lagMs <= staged.asOfMs)', 'if (staged.asOfMs > 0)'),
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
        file: EXPORTER,
        find: 'if (window.endMs + lagMs <= staged.asOfMs)',
        replace: 'if (window.endMs <= staged.asOfMs)',
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
    'watermark.source.toLowerCase() !== source.toLowerCase()',
    "watermark.source === ''",
  ),
  one('a halved window forgotten at the end of the run', EXPORTER, 'run.narrowed = true;', ''),
];
