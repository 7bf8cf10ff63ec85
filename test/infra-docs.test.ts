import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { deployPage } from '../scripts/deploy-page.ts';
import { parseQuery, readProject, template } from './support/deployed.ts';

// What is written about deploying, and what deploys: each knows the other.

const DOCUMENTS = ['README.md', 'docs/deploy.md'];
const deploy = readProject('docs/deploy.md');
const all = DOCUMENTS.map(readProject).join('\n');
const bicep = readProject('infra/main.bicep');
const types = readProject('infra/types.bicep');
const parameters = Object.keys(template.parameters);

function blocksOf(language: string, text = all): string[] {
  return [...text.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, block = '']) => block);
}

const found = (text: string, pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))];

/** The properties of a type of types.bicep. */
function propertiesOf(type: string): string[] {
  const [, body = ''] = new RegExp(`^type ${type} = \\{(.*?)^\\}`, 'ms').exec(types) ?? [];
  return found(body, /^ {2}(\w+): /gm);
}

test('the queries that docs/deploy.md teaches bind to the tables of a workspace', () => {
  const queries = blocksOf('kusto', deploy);
  assert.ok(queries.length >= 3, `${queries.length} queries found`);
  for (const query of queries) parseQuery(query);
});

test('what is joined is joined by the run id: operation ids are empty in OpenTelemetry mode', () => {
  const folder = new URL('../infra/kql/', import.meta.url);
  const queries = readdirSync(folder).map((name) => readProject(`infra/kql/${name}`));
  for (const query of [...queries, ...blocksOf('kusto', deploy)]) assert.doesNotMatch(query, /OperationId/);
});

test('azuredeploy.json has the parameters and outputs of main.bicep', () => {
  const declared = (kind: string) => found(bicep, new RegExp(`^${kind} (\\w+) `, 'gm')).sort();
  assert.deepEqual(declared('param'), [...parameters].sort());
  assert.deepEqual(declared('output'), Object.keys(template.outputs).sort());
});

test('every parameter is described, in the table of docs/deploy.md, and no other', () => {
  const [, chapter = ''] = deploy.split('\n## Parameters\n');
  const rows = found(chapter.split('\n### ')[0] ?? '', /^\| (`.*?) \|/gm);
  const described = rows.flatMap((row) => found(row, /`(\w+)`/g));
  assert.deepEqual(described.sort(), [...parameters].sort());
});

test('every property of the objects among them is described too', () => {
  for (const type of ['hostingSettings', 'networkSettings', 'alertSettings', 'exportQuery'])
    for (const name of propertiesOf(type)) assert.match(deploy, new RegExp(`\\b${name}\\b`), `${type}.${name}`);
});

test('outputs and parameters that commands name are those of the template', () => {
  assert.deepEqual(found(all, /\boutputs\.(\w+)\.value/g).sort(), Object.keys(template.outputs).sort());
  // `name=value` on a command line; settings are in capitals.
  const named = found(blocksOf('sh').join('\n'), /(?<![\w-])([a-z][A-Za-z]{3,})=/g);
  assert.ok(named.includes('workspaceResourceId'));
  assert.deepEqual(
    named.filter((name) => !parameters.includes(name)),
    [],
  );
  assert.deepEqual(
    found(blocksOf('bicep').join('\n'), /^param (\w+) /gm).filter((name) => !parameters.includes(name)),
    [],
  );
});

test('a query with a pipe is never taught as an argument of az: PowerShell cuts it there', () => {
  for (const block of blocksOf('sh')) assert.doesNotMatch(block, /^(?!#).*_KQL=.*\|/m);
});

test('no command has the storage names of one cloud', () => {
  const hosts = (text: string) => found(text, /(core\.windows\.net)/g);
  assert.deepEqual(hosts(blocksOf('sh', deploy).join('\n')), []);
});

test('azd sets parameters that are there, by variables that are described', () => {
  const file = readProject('infra/main.parameters.json');
  const given: Record<string, { value: string }> = JSON.parse(file).parameters;
  for (const name of Object.keys(given)) assert.ok(parameters.includes(name), name);
  const variables = found(file, /\$\{(\w+)/g);
  assert.deepEqual(variables.length, Object.keys(given).length);
  for (const variable of variables) assert.match(deploy, new RegExp(`\\b${variable}\\b`), variable);
  for (const name of ['workspaceResourceId', 'alertEmail', 'location']) assert.ok(name in given, name);
});

test("the portal's form gives parameters that are there, from questions that it asks", () => {
  const text = readProject('infra/createUiDefinition.json');
  const form = JSON.parse(text).parameters;
  const outputs: Record<string, string> = form.outputs;
  for (const name of Object.keys(outputs)) assert.ok(parameters.includes(name), name);
  for (const [name, { defaultValue }] of Object.entries(template.parameters))
    if (defaultValue === undefined) assert.ok(name in outputs, name);
  const steps: { name: string; elements: { name: string }[] }[] = form.steps;
  const asked = steps.flatMap((step) => step.elements.map((element) => `${step.name}.${element.name}`));
  const used = [...text.matchAll(/steps\('(\w+)'\)\.(\w+)/g)].map(([, step, name]) => `${step}.${name}`);
  assert.deepEqual([...new Set(used)].sort(), asked.sort());
});

test("a release's button leads to the template and the form of its tag", () => {
  const page = deployPage(
    'contoso/monitorlift',
    'v1.2.0',
    '# Changelog\n\n## [1.2.0]\n\n- New.\n\n## [1.1.0]\n\n- Old.\n',
  );
  const [, portal = ''] = /\]\((https:[^)]+)\)$/m.exec(page) ?? [];
  const addresses = found(portal, /(https%3A[^/]+)/g).map(decodeURIComponent);
  const base = 'https://raw.githubusercontent.com/contoso/monitorlift/v1.2.0/';
  assert.deepEqual(addresses, [`${base}infra/azuredeploy.json`, `${base}infra/createUiDefinition.json`]);
  for (const address of addresses) assert.ok(readProject(address.slice(base.length)).length > 0);
  assert.match(page, /\nhttps:\/\/github\.com\/contoso\/monitorlift\/releases\/download\/v1\.2\.0\/monitorlift\.zip\n/);
  assert.match(page, /- New\.$/);
});

test('actions are pinned by commit, with the version beside it for Dependabot', () => {
  const folder = new URL('../.github/workflows/', import.meta.url);
  const uses = readdirSync(folder).flatMap((name) =>
    found(readProject(`.github/workflows/${name}`), /uses: (.*)$/gm).map((use) => [name, use] as const),
  );
  assert.ok(uses.length >= 4);
  for (const [name, use] of uses) assert.match(use, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, name);
  assert.match(readProject('.github/dependabot.yml'), /package-ecosystem: github-actions/);
});

test('the image says what it is and whether it works', () => {
  const dockerfile = readProject('Dockerfile');
  for (const label of ['title', 'description', 'licenses', 'source', 'revision'])
    assert.ok(dockerfile.includes(`org.opencontainers.image.${label}=`), label);
  assert.match(dockerfile, /^HEALTHCHECK .*\["node", "dist\/cli\/main\.js", "status"\]$/m);
});
