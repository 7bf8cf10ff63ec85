import assert from 'node:assert/strict';
import { test } from 'node:test';
import { propertiesOf, readProject, resources, snapshots, template } from './support/deployed.ts';

// Who may do what, and who reaches whom, in the deployments of infra/snapshots.

const STORAGE = 'Microsoft.Storage/storageAccounts';

test('storage accounts refuse keys, local users, public blobs, plain http and old TLS', () => {
  const accounts = resources(STORAGE);
  assert.ok(accounts.length > 0);
  const expected = {
    allowSharedKeyAccess: false,
    allowBlobPublicAccess: false,
    isLocalUserEnabled: false,
    supportsHttpsTrafficOnly: true,
    minimumTlsVersion: 'TLS1_2',
  };
  for (const [name, account] of accounts) {
    const found = Object.fromEntries(Object.keys(expected).map((key) => [key, account.properties?.[key]]));
    assert.deepEqual(found, expected, `${account.id} of ${name}`);
  }
});

test('with private networking no storage account has a public address', () => {
  for (const [name, account] of resources(STORAGE)) {
    const isPrivate = resources('Microsoft.Network/privateEndpoints', name).length > 0;
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
  // By the role of its own, one for each further workspace.
  const rolesOf = (more: number) =>
    [...scopeOfRole.keys(), ...Array(more).fill('3b03c2da-16b3-4a49-8834-0f8130efdd3b')].sort();
  for (const name of snapshots.keys()) {
    const granted = resources('Microsoft.Authorization/roleAssignments', name).map(([, assignment]) => {
      const role = String(assignment.properties?.roleDefinitionId).split('/').at(-1) ?? '';
      const scope = /^\[extensionResourceId\('([^']+)'/.exec(assignment.id)?.[1] ?? '';
      assert.match(scope, scopeOfRole.get(role) ?? /no such role expected/, `${role} of ${name}`);
      return role;
    });
    assert.deepEqual(granted.sort(), name === 'brought' ? [] : rolesOf(name === 'existing' ? 1 : 0), name);
  }
});

test('without assignRoles nothing is granted or made elsewhere, and the output has the command of each', () => {
  const { predictedResources = [], outputs = {} } = snapshots.get('brought') ?? {};
  for (const { id } of predictedResources)
    assert.match(id, /^\/subscriptions\/0{8}-0{4}-0{4}-0{4}-0{11}1\/resourceGroups\/exporter\//);
  const grants = JSON.stringify(outputs.grants);
  assert.match(grants, /az storage container-rm create --storage-account [^ ]+\/contosolake --name telemetry/);
  for (const scope of ['shared', 'shop', 'factory', 'containers/telemetry', 'monitorhost', 'components/platform'])
    assert.ok(grants.includes(scope), `${scope}: ${grants}`);
});

test('subnets, zones, identity and Application Insights that are given are used, and none is made', () => {
  const made = new Set(snapshots.get('brought')?.predictedResources.map(({ type }) => type));
  for (const type of [
    'Microsoft.Network/virtualNetworks',
    'Microsoft.Network/natGateways',
    'Microsoft.Network/privateDnsZones',
    'Microsoft.ManagedIdentity/userAssignedIdentities',
    'Microsoft.Insights/components',
    'Microsoft.OperationalInsights/workspaces',
  ])
    assert.ok(!made.has(type), type);
  const text = JSON.stringify(snapshots.get('brought')?.predictedResources);
  for (const given of [
    'subnets/functions',
    'subnets/endpoints',
    'resourceGroups/dns',
    'userAssignedIdentities/exporter',
  ])
    assert.ok(text.includes(`/${given}`), given);
});

test('public addresses are reached through a NAT gateway, and not at all with a private link scope', () => {
  for (const [name, hasGateway] of [
    ['privateNetworking', true],
    ['everything', false],
  ] as const) {
    const { subnets } = propertiesOf<{ subnets: { properties: Record<string, unknown> }[] }>(
      'Microsoft.Network/virtualNetworks',
      name,
    );
    for (const { properties } of subnets) assert.equal(properties.defaultOutboundAccess, false, name);
    assert.equal(Boolean(subnets[0]?.properties.natGateway), hasGateway, name);
    assert.equal(resources('Microsoft.Network/natGateways', name).length, hasGateway ? 1 : 0);
  }
});

test('resource logs of both accounts are kept when asked for', () => {
  const settings = resources('Microsoft.Insights/diagnosticSettings');
  assert.deepEqual(
    settings.map(([name, { id }]) => [name, /\/\w+(host|lake)\w+\/blobServices\/default\//.exec(id)?.[1]]),
    [
      ['everything', 'host'],
      ['everything', 'lake'],
    ],
  );
});

interface Nested {
  readonly type: string;
  readonly name: string;
  readonly properties: { readonly template?: { readonly resources: Record<string, Nested> } };
}

function deploymentsIn(all: Readonly<Record<string, Nested>>): Nested[] {
  return Object.values(all).flatMap((each) =>
    each.type === 'Microsoft.Resources/deployments'
      ? [each, ...deploymentsIn(each.properties.template?.resources ?? {})]
      : [],
  );
}

test('two exporters can be deployed at once: no nested deployment has a name that both would use', () => {
  const { resources: all } = template as unknown as { resources: Record<string, Nested> };
  const names = deploymentsIn(all).map(({ name }) => name);
  assert.ok(names.length >= 12, `${names.length}`);
  for (const name of names) assert.match(name, /^\[format\('\{0\}-\w+(\{1\})?', (variables|parameters)\('name'\)/);
  assert.match(readProject('infra/main.bicep'), /^var suffix = uniqueString\(resourceGroup\(\)\.id, namePrefix\)$/m);
});
