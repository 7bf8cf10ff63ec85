import { type Mutant, one } from './mutant.ts';

const STAGE = 'src/core/lake/stage-blocks.ts';
const PUBLISH = 'src/core/lake/publish-blocks.ts';
const MEMORY = 'test/support/memory-blocks.ts';

/** Flat accounts. */
export const FLAT_MUTANTS: readonly Mutant[] = [
  {
    name: 'a block id sent twice',
    edits: [
      { file: STAGE, find: "      const id = randomBytes(ID_BYTES).toString('base64');\n", replace: '' },
      {
        file: STAGE,
        find: '    for (let attempt = 1; ; attempt++) {',
        replace: "    const id = randomBytes(ID_BYTES).toString('base64');\n    for (let attempt = 1; ; attempt++) {",
      },
    ],
  },
  one(
    'blocks listed that were not acknowledged',
    STAGE,
    'if (!(error instanceof UnansweredError) || attempt === ATTEMPTS) throw error;',
    'if (!(error instanceof UnansweredError)) throw error;\n        return id;',
  ),
  one(
    'a list put without If-None-Match',
    MEMORY,
    'if (files.has(path)) throw new ExistsError',
    'if (false) throw new ExistsError',
  ),
  one('any error of a list taken for published', PUBLISH, 'if (!(cause instanceof NoBlocksError)) {', 'if (false) {'),
  one(
    'missing blocks taken for not published',
    PUBLISH,
    'if (found !== undefined || cause instanceof ExistsError) return;',
    'if (found !== undefined) return;\n    if (cause instanceof NoBlocksError) throw cause;',
  ),
];
