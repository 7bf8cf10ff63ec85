import { type Mutant, one } from './mutant.ts';

const AHEAD = 'src/core/ahead.ts';

/** Several windows at once. */
export const AHEAD_MUTANTS: readonly Mutant[] = [
  {
    name: 'windows committed in the order in which they come',
    edits: [
      {
        file: AHEAD,
        find: 'const [first] = slots;\n        if (first?.window.startMs === fromMs && first.outcome !== undefined) {',
        replace:
          'const first = slots.find(({ outcome }) => outcome !== undefined);\n' +
          '        if (first?.outcome !== undefined) {',
      },
    ],
  },
  one(
    'later windows kept after one that was read too early',
    'src/core/windows.ts',
    'await ahead.restart(staged.window.startMs);',
    '',
  ),
  one(
    'a later window committed after the commit of an earlier one failed',
    'src/core/home.ts',
    'await session.commit(following(run, opened, pace, staged), staged.parts);',
    'await session.commit(following(run, opened, pace, staged), staged.parts).catch(() => undefined);',
  ),
  one(
    'a window asked for again while it is staged',
    AHEAD,
    'fromMs = first.window.endMs;\n          tooLarge',
    'if (slots.length !== 2) fromMs = first.window.endMs;\n          tooLarge',
  ),
  one(
    'a gap behind a window that was too large forgotten',
    AHEAD,
    'const index = found === -1 ? slots.length : found;',
    'const index = slots.length;',
  ),
];
