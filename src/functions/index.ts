import { app } from '@azure/functions';
import { readExports } from '../settings/exports.ts';
import { nodeProblem } from '../settings/node-version.ts';
import { createReader } from '../settings/reader.ts';

// Nothing here may throw: the host would show no functions and no error. With wrong settings, or on a Node that is too
// old, each function is there and fails with every problem. The SDKs are loaded by the first invocation.
for (const { name, schedule } of readExports(createReader(process.env))) {
  app.timer(`export${name.charAt(0).toUpperCase()}${name.slice(1)}`, {
    schedule,
    handler: async (_timer, context) => {
      const problem = nodeProblem(process.versions.node);
      if (problem !== undefined) throw new Error(problem);
      const { invoke } = await import('./invoke.ts');
      await invoke(name, context);
    },
  });
}
