import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ColumnType, createParser } from '../src/local/logs/kusto.ts';

// `npm run infra` holds infra/ against these snapshots; here is what has to be true of them.

interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

const root = join(import.meta.dirname, '..');
const folder = join(root, 'infra', 'snapshots');
const snapshots = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.snapshot.json'))
    .map((name): [string, readonly Resource[]] => [
      name.replace('.snapshot.json', ''),
      JSON.parse(readFileSync(join(folder, name), 'utf8')).predictedResources,
    ]),
);

function resources(type: string): [string, Resource][] {
  return [...snapshots].flatMap(([name, all]) =>
    all.filter((resource) => resource.type === type).map((resource): [string, Resource] => [name, resource]),
  );
}

interface WorkbookItem {
  readonly content: { readonly query?: string };
}

/** Every KQL text that would be deployed, once each. */
function deployedQueries(): Set<string> {
  const alerts = resources('Microsoft.Insights/scheduledQueryRules').flatMap(([, rule]) => {
    const criteria = rule.properties?.criteria as { allOf: { query: string }[] };
    return criteria.allOf.map((criterion) => criterion.query);
  });
  const charts = resources('Microsoft.Insights/workbooks').flatMap(([, workbook]) => {
    const items: WorkbookItem[] = JSON.parse(String(workbook.properties?.serializedData)).items;
    return items.flatMap((item) => item.content.query ?? []);
  });
  return new Set([...alerts, ...charts]);
}

const tables: Record<string, Record<string, ColumnType>> = JSON.parse(
  readFileSync(join(root, 'src', 'local', 'logs', 'schemas.json'), 'utf8'),
);
const parseQuery = createParser(
  Object.fromEntries(Object.entries(tables).map(([name, columns]) => [name, { columns }])),
);

test('every query of the alerts and the workbook binds to the tables of a workspace', () => {
  const queries = deployedQueries();
  assert.ok(queries.size >= 9, `${queries.size} queries found, 3 of alerts and 6 of the workbook expected`);
  for (const query of queries) parseQuery(query);
});

test('the queries that docs/deploy.md teaches bind to the tables of a workspace', () => {
  const [, ...rest] = readFileSync(join(root, 'docs', 'deploy.md'), 'utf8').split('```kusto\n');
  const queries = rest.map((text) => text.slice(0, text.indexOf('```')));
  assert.ok(queries.length >= 3, `${queries.length} queries found`);
  for (const query of queries) parseQuery(query);
});

test('the parameters and outputs that README and docs/deploy.md name are those of main.bicep', () => {
  const bicep = readFileSync(join(root, 'infra', 'main.bicep'), 'utf8');
  const declared = (kind: string) => [...bicep.matchAll(new RegExp(`^${kind} (\\w+) `, 'gm'))].map(([, name]) => name);
  const text = ['README.md', 'docs/deploy.md'].map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
  const named = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, name]) => name))];
  const outputs = named(/\boutputs\.(\w+)\.value/g);
  assert.deepEqual(outputs.sort(), declared('output').sort());
  // `name=value` on a command line; settings are in capitals.
  const parameters = named(/(?<![\w-])([a-z][A-Za-z]{3,})=/g);
  assert.ok(parameters.includes('workspaceResourceId'));
  assert.deepEqual(
    parameters.filter((name) => !declared('param').includes(name)),
    [],
  );
});

test('the app and the workspace of its own telemetry have one name, as the commands in the documents have it', () => {
  for (const name of snapshots.keys()) {
    const [site, workspace] = ['Microsoft.Web/sites', 'Microsoft.OperationalInsights/workspaces'].map((type) =>
      resources(type).flatMap(([snapshot, { id }]) => (snapshot === name ? [id.split('/').at(-1)] : [])),
    );
    assert.equal(site?.length, 1);
    assert.deepEqual(site, workspace, name);
  }
});

test('storage accounts refuse keys, public blobs, plain http and old TLS', () => {
  const accounts = resources('Microsoft.Storage/storageAccounts');
  assert.ok(accounts.length > 0);
  for (const [name, account] of accounts) {
    const { allowSharedKeyAccess, allowBlobPublicAccess, supportsHttpsTrafficOnly, minimumTlsVersion } =
      account.properties ?? {};
    assert.deepEqual(
      { allowSharedKeyAccess, allowBlobPublicAccess, supportsHttpsTrafficOnly, minimumTlsVersion },
      {
        allowSharedKeyAccess: false,
        allowBlobPublicAccess: false,
        supportsHttpsTrafficOnly: true,
        minimumTlsVersion: 'TLS1_2',
      },
      `${account.id} of ${name}`,
    );
  }
});

test('with private networking no storage account has a public address', () => {
  for (const [name, account] of resources('Microsoft.Storage/storageAccounts')) {
    const isPrivate = snapshots.get(name)?.some(({ type }) => type === 'Microsoft.Network/virtualNetworks');
    assert.equal(account.properties?.publicNetworkAccess, isPrivate ? 'Disabled' : 'Enabled', account.id);
  }
});

test('the identity gets four roles, each on the smallest scope that does', () => {
  const scopeOfRole = new Map([
    ['3b03c2da-16b3-4a49-8834-0f8130efdd3b', /\/Microsoft\.OperationalInsights\/workspaces\/[^/]+$/],
    ['3913510d-42f4-4e42-8a64-420c390055eb', /\/Microsoft\.Insights\/components\/[^/]+$/],
    ['b7e6dc6d-f1e8-4753-8033-0f276bb0955b', /\/storageAccounts\/[^/]+host[^/]+$/],
    ['ba92f5b4-2d11-453d-a403-e96b0029c9fe', /\/storageAccounts\/[^/]+\/blobServices\/default\/containers\/[^/]+$/],
  ]);
  for (const name of snapshots.keys()) {
    const granted = resources('Microsoft.Authorization/roleAssignments')
      .filter(([snapshot]) => snapshot === name)
      .map(([, assignment]) => {
        const role = String(assignment.properties?.roleDefinitionId).split('/').at(-1) ?? '';
        const scope = /^\[extensionResourceId\('([^']+)'/.exec(assignment.id)?.[1] ?? '';
        assert.match(scope, scopeOfRole.get(role) ?? /no such role expected/, `${role} of ${name}`);
        return role;
      });
    assert.deepEqual(granted.sort(), [...scopeOfRole.keys()].sort(), name);
  }
});

test('lifecycle rules reach parts alone, and are there only when asked for', () => {
  const policies = resources('Microsoft.Storage/storageAccounts/managementPolicies');
  assert.deepEqual(
    policies.map(([name]) => name),
    ['everything'],
  );
  for (const [, { properties = {} }] of policies) {
    const { rules } = properties.policy as {
      rules: { definition: { filters: { prefixMatch: string[] } } }[];
    };
    assert.deepEqual(
      rules.flatMap((rule) => rule.definition.filters.prefixMatch),
      ['requests', 'pageViews', 'slowrequests'].map((name) => `raw/telemetry/app/${name}/y=`),
    );
  }
});
