/**
 * Checks infra/: builds and lints without a warning, holds azuredeploy.json against the build, and each deployment of
 * infra/snapshots against its snapshot. `--update` writes those anew that differ. Nothing is sent to Azure.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';

const bicepVersion = '0.49.2';
const infraFolder = join(import.meta.dirname, '..', 'infra');
const template = join(infraFolder, 'main.bicep');
/** What the portal and those without Bicep deploy: the build, in the repository. */
const compiledTemplate = join(infraFolder, 'azuredeploy.json');
const snapshotFolder = join(infraFolder, 'snapshots');
const cacheFolder = join(import.meta.dirname, '..', 'node_modules', '.cache', 'monitorlift', `bicep-${bicepVersion}`);

// Where every snapshot pretends to be deployed.
const deployment = [
  ...['--tenant-id', '00000000-0000-0000-0000-000000000009'],
  ...['--subscription-id', '00000000-0000-0000-0000-000000000001'],
  ...['--resource-group', 'exporter'],
  ...['--location', 'westeurope'],
];

const compilers: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'osx-x64',
  'darwin-arm64': 'osx-arm64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
};

interface Outcome {
  readonly code: number | null;
  /** What a check that passes does not have. */
  readonly output: string;
}

/** Runs a command to its end; `output` is what it wrote to stdout and stderr. */
async function run(command: string, args: readonly string[]): Promise<Outcome> {
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const outputs = [child.stdout, child.stderr].map((stream) => (stream === null ? '' : text(stream)));
  const [code, ...parts] = await Promise.all([ended, ...outputs]);
  return { code, output: parts.join('').trim() };
}

/** Fetches the Bicep compiler from NuGet unless it is there, and returns its path. */
async function fetchCompiler(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  const name = compilers[platform];
  if (name === undefined) {
    throw new Error(
      `There is no Bicep compiler for ${platform}; there is one for ${Object.keys(compilers).join(', ')}.`,
    );
  }
  const packageName = `Azure.Bicep.CommandLine.${name}`;
  const file = process.platform === 'win32' ? 'bicep.exe' : 'bicep';
  const path = join(cacheFolder, 'packages', packageName.toLowerCase(), bicepVersion, 'tools', file);
  if (!existsSync(path)) {
    console.log(`fetching ${packageName} ${bicepVersion}`);
    await restore(packageName);
  }
  // NuGet packages carry no run bit for everyone.
  await chmod(path, 0o755);
  return path;
}

async function restore(packageName: string): Promise<void> {
  const project = join(cacheFolder, 'bicep.csproj');
  await mkdir(cacheFolder, { recursive: true });
  await writeFile(
    project,
    `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>netstandard2.0</TargetFramework>
    <DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences>
    <RestorePackagesPath>packages</RestorePackagesPath>
  </PropertyGroup>
  <ItemGroup>
    <PackageDownload Include="${packageName}" Version="[${bicepVersion}]" />
  </ItemGroup>
</Project>
`,
  );
  const { code, output } = await run('dotnet', ['restore', project]).catch((error: unknown) => {
    throw new Error(
      'The Bicep compiler comes through NuGet, and `dotnet` cannot be run. Install the .NET SDK, 8 or later.',
      {
        cause: error,
      },
    );
  });
  if (code !== 0) {
    throw new Error(
      `\`dotnet restore\` could not fetch ${packageName} ${bicepVersion} (exit code ${code}):\n${output}`,
    );
  }
}

/** Holds a deployment against its snapshot. Writes that anew only where it differs, for no two writes have one order. */
async function compare(bicep: string, parameterFile: string, isUpdate: boolean): Promise<Outcome> {
  const snapshot = (mode: string) =>
    run(bicep, ['snapshot', join(snapshotFolder, parameterFile), '--mode', mode, ...deployment]);
  const outcome = await snapshot('validate');
  return isUpdate && outcome.code !== 0 ? snapshot('overwrite') : outcome;
}

/** Builds the template, and holds azuredeploy.json against that, or writes it anew. */
async function build(bicep: string, isUpdate: boolean): Promise<Outcome> {
  const built = join(cacheFolder, 'main.json');
  const outcome = await run(bicep, ['build', template, '--outfile', built]);
  if (outcome.code !== 0 || outcome.output !== '') return outcome;
  const wanted = await readFile(built, 'utf8');
  const found = existsSync(compiledTemplate) ? await readFile(compiledTemplate, 'utf8') : '';
  if (found.trim() === wanted.trim()) return outcome;
  if (!isUpdate) return { code: 1, output: 'infra/azuredeploy.json is not the build of main.bicep.' };
  await writeFile(compiledTemplate, `${wanted.trim()}\n`);
  return outcome;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { update: { type: 'boolean', default: false } } });
  const bicep = await fetchCompiler();
  const parameterFiles = (await readdir(snapshotFolder)).filter((name) => name.endsWith('.bicepparam')).sort();
  const verb = values.update ? 'update' : 'validate';
  const steps: readonly (readonly [string, () => Promise<Outcome>])[] = [
    ['build main.bicep, azuredeploy.json', () => build(bicep, values.update)],
    ['lint main.bicep', () => run(bicep, ['lint', template])],
    ...parameterFiles.map((name) => [`${verb} ${name}`, () => compare(bicep, name, values.update)] as const),
  ];
  let failures = 0;
  for (const [title, step] of steps) {
    const { code, output } = await step();
    // A warning is written to stderr and ends with exit code 0.
    const isGood = code === 0 && output === '';
    console.log(`${isGood ? 'ok    ' : 'FAILED'}  ${title}${isGood ? '' : `\n${output}`}`);
    failures += isGood ? 0 : 1;
  }
  if (failures > 0) {
    console.error(
      `${failures} of ${steps.length} checks of infra/ failed. ` +
        'Where a snapshot or azuredeploy.json differs on purpose: npm run infra -- --update',
    );
    process.exitCode = 1;
    return;
  }
  console.log(`${steps.length} checks of infra/ passed, ${parameterFiles.length} of them deployments.`);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
