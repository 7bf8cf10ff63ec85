/** The oldest Node.js that all of this runs on, as package.json has it: major and minor. */
const NEEDED = [22, 18] as const;

/**
 * What is wrong with a Node.js that is too old, and what to do. Old ones must be able to read this file, and whatever
 * asks it before it loads the rest.
 */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return undefined;
  return (
    `found Node.js ${version}, but MonitorLift needs ${NEEDED.join('.')} or newer: install it from ` +
    'https://nodejs.org, or in Azure set the Node version of the function app to 24'
  );
}
