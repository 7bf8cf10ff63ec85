import { nodeProblem } from '../settings/node-version.ts';

// The rest is loaded only where it can be: an old Node would print the line that it does not understand.
const problem = nodeProblem(process.versions.node);
if (problem === undefined) {
  const { main } = await import('./command.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.stderr.write(`monitorlift: ${problem}\n`);
  process.exitCode = 2;
}
