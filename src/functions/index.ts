import { app } from '@azure/functions';
import { listFunctions } from '../settings-exports.ts';

// Nothing here may throw: the host would show no functions and no error. The SDKs are loaded by the first invocation.
for (const { name, functionName, schedule } of listFunctions(process.env)) {
  app.timer(functionName, {
    schedule,
    handler: async (_timer, context) => (await import('./invoke.ts')).invoke(name, context),
  });
}
