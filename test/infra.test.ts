import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readExports } from '../src/settings/exports.ts';
import { createReader } from '../src/settings/reader.ts';
import { appSettings, parseQuery, propertiesOf, resources, snapshots } from './support/deployed.ts';

// `npm run infra` holds infra/ against its snapshots; here is what has to be true of them.

interface WorkbookItem {
  readonly content: { readonly query?: string };
}

interface Rule {
  readonly name: string;
  readonly enabled: boolean;
  readonly definition: {
    readonly filters: { readonly prefixMatch: readonly string[] };
    readonly actions: { readonly baseBlob: { readonly delete: { readonly daysAfterModificationGreaterThan: number } } };
  };
}

interface Site {
  readonly functionAppConfig: {
    readonly runtime: object;
    readonly scaleAndConcurrency: { readonly alwaysReady: readonly object[] };
  };
}

const STORAGE = 'Microsoft.Storage/storageAccounts';

function alertQueries(deployment?: string): string[] {
  return resources('Microsoft.Insights/scheduledQueryRules', deployment).flatMap(([, rule]) => {
    const criteria = rule.properties?.criteria as { allOf: { query: string }[] };
    return criteria.allOf.map((criterion) => criterion.query);
  });
}

function workbookQueries(deployment?: string): string[] {
  return resources('Microsoft.Insights/workbooks', deployment).flatMap(([, workbook]) => {
    const data = String(workbook.properties?.serializedData);
    // Where a given Application Insights resource says which workspace it is, it is an expression that Azure evaluates.
    if (data.startsWith('[')) return [];
    const items: WorkbookItem[] = JSON.parse(data).items;
    // The portal writes the end of the chosen time range there.
    return items.flatMap(
      (item) => item.content.query?.replace('{TimeRange:end}', 'datetime(2026-11-22T14:05:00Z)') ?? [],
    );
  });
}

/** The exports whose silence raises an alert. */
function expectedExports(deployment: string): string[] {
  const [, list = ''] = /datatable \(Export: string\) \[([^\]]*)\]/.exec(alertQueries(deployment).join('\n')) ?? [];
  return [...list.matchAll(/'([^']*)'/g)].map(([, name = '']) => name);
}

test('every query of the alerts and the workbook binds to the tables of a workspace', () => {
  const queries = new Set([...alertQueries(), ...workbookQueries()]);
  assert.ok(queries.size >= 14, `${queries.size} queries found, 4 of alerts and 10 of the workbook expected`);
  for (const query of queries) parseQuery(query);
});

test('where others use the workspace too, every query looks at this exporter alone', () => {
  for (const name of snapshots.keys()) {
    const isShared = name === 'brought' || name === 'existing';
    for (const query of [...alertQueries(name), ...workbookQueries(name)])
      assert.equal(/_ResourceId =~ '[^']+\/components\/[^']+'/.test(query), isShared, `${name}: ${query}`);
  }
});

test('the workbook is listed where the portal looks for workbooks', () => {
  for (const [name, { properties }] of resources('Microsoft.Insights/workbooks'))
    assert.equal(properties?.sourceId, 'Azure Monitor', name);
});

test('alerts expect the exports that the exporter makes of the same settings', () => {
  for (const name of snapshots.keys()) {
    const made = readExports(createReader(appSettings(name))).map((each) => each.name);
    const expected = expectedExports(name);
    assert.ok(expected.length > 0, name);
    // Names without case: a name of the ten tables is spelt as the table's export, however it was written.
    assert.deepEqual(expected.map((each) => each.toLowerCase()).sort(), made.map((each) => each.toLowerCase()).sort());
  }
  assert.deepEqual(expectedExports('everything'), ['requests', 'pageViews', 'slowrequests']);
  assert.deepEqual(expectedExports('existing'), ['requests', 'pageViews']);
});

test('a second exporter in the same resource group shares no name with the first', () => {
  const idsOf = (name: string) => snapshots.get(name)?.predictedResources.map(({ id }) => id) ?? [];
  const first = new Set(idsOf('newLake'));
  const second = idsOf('privateNetworking');
  assert.ok(first.size > 20 && second.length > 20);
  // What both use and neither owns.
  assert.deepEqual(
    second.filter((id) => first.has(id)),
    [],
  );
});

test('lifecycle rules reach parts alone, and those of a retention of 0 are there and disabled', () => {
  const names = resources(`${STORAGE}/managementPolicies`).map(([name]) => name);
  // An existing account has one policy, which is not ours.
  assert.deepEqual(names.sort(), ['everything', 'newLake', 'privateNetworking']);
  for (const name of names) {
    const { rules } = propertiesOf<{ policy: { rules: Rule[] } }>(`${STORAGE}/managementPolicies`, name).policy;
    const [folder, days] = name === 'everything' ? ['raw/telemetry/app', 400] : ['telemetry', 1];
    assert.deepEqual(
      rules.flatMap((rule) => rule.definition.filters.prefixMatch),
      expectedExports(name).map((each) => `${folder}/${each}/y=`),
    );
    for (const { enabled, definition } of rules) {
      assert.equal(enabled, name === 'everything', name);
      assert.equal(definition.actions.baseBlob.delete.daysAfterModificationGreaterThan, days);
    }
  }
});

test('what a parameter switches off is said, where a deployment could leave what was there before', () => {
  const services = resources(`${STORAGE}/blobServices`).filter(([, { id }]) => !id.includes('host'));
  for (const [name, { properties }] of services) {
    const expected = name === 'everything' ? { enabled: false } : { enabled: true, days: 7 };
    assert.deepEqual(properties?.deleteRetentionPolicy, expected, name);
  }
  const { scaleAndConcurrency } = propertiesOf<Site>('Microsoft.Web/sites', 'newLake').functionAppConfig;
  assert.deepEqual(scaleAndConcurrency, { alwaysReady: [], instanceMemoryMB: 2048, maximumInstanceCount: 40 });
});

test('a lock is on the lake that was made here, and only when asked for', () => {
  const locks = resources('Microsoft.Authorization/locks');
  assert.deepEqual(
    locks.map(([name, { id, properties }]) => [name, /\/storageAccounts\/\w+lake\w+\//.test(id), properties?.level]),
    [['everything', true, 'CanNotDelete']],
  );
});

test('functions are kept waiting by the name that the app gives them', () => {
  const { functionAppConfig } = propertiesOf<Site>('Microsoft.Web/sites', 'everything');
  assert.deepEqual(functionAppConfig.runtime, { name: 'node', version: '22' });
  assert.deepEqual(functionAppConfig.scaleAndConcurrency.alwaysReady, [
    { name: 'function:exportPageViews', instanceCount: 2 },
    { name: 'function:exportRequests', instanceCount: 1 },
  ]);
});

test('app settings: sampling is pinned, a source is passed on, and additional ones win', () => {
  for (const name of snapshots.keys()) {
    const { OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG } = appSettings(name);
    assert.deepEqual([OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG], ['microsoft.fixed_percentage', '1.0'], name);
  }
  const { SHOPREQUESTS_SOURCE, APPINSIGHTS_WORKSPACE_ID } = appSettings('brought');
  assert.equal(SHOPREQUESTS_SOURCE, '00000000-0000-0000-0000-00000000000a');
  assert.match(APPINSIGHTS_WORKSPACE_ID ?? '', /workspaces\/shared'.*\.customerId/);
  const additional = appSettings('everything');
  assert.equal(additional['AzureWebJobs.exportPageViews.Disabled'], 'true');
  assert.equal(additional.HTTPS_PROXY, 'http://proxy.contoso.example:8080');
});

test('zone redundancy takes the plan and the host storage', () => {
  for (const name of snapshots.keys()) {
    const isRedundant = name === 'everything';
    const plan = propertiesOf<{ zoneRedundant: boolean }>('Microsoft.Web/serverfarms', name);
    assert.equal(plan.zoneRedundant, isRedundant, name);
    const [host] = resources(STORAGE, name).filter(([, { id }]) => id.includes('host'));
    assert.equal(host?.[1].sku?.name, isRedundant ? 'Standard_ZRS' : 'Standard_LRS', name);
  }
});
