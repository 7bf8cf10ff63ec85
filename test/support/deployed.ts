/** What `npm run infra` holds infra/ to: the predicted resources of each deployment of infra/snapshots. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ColumnType, createParser } from '../../src/local/logs/kusto.ts';

export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly sku?: { readonly name: string };
  readonly properties?: Readonly<Record<string, unknown>>;
}

interface Snapshot {
  readonly predictedResources: readonly Resource[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'infra', 'snapshots');

/** The text of a file of the project. */
export const readProject = (path: string): string => readFileSync(join(root, path), 'utf8');

export const snapshots: ReadonlyMap<string, Snapshot> = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.snapshot.json'))
    .map((name) => [name.replace('.snapshot.json', ''), JSON.parse(readFileSync(join(folder, name), 'utf8'))]),
);

/** The resources of a type in all deployments, or in the named one, each with its deployment's name. */
export function resources(type: string, deployment?: string): [string, Resource][] {
  return [...snapshots]
    .filter(([name]) => deployment === undefined || deployment === name)
    .flatMap(([name, { predictedResources }]) =>
      predictedResources
        .filter((resource) => resource.type === type)
        .map((resource): [string, Resource] => [name, resource]),
    );
}

/** The properties of the first resource of a type in a deployment. */
export function propertiesOf<T>(type: string, deployment: string): T {
  const properties = resources(type, deployment)[0]?.[1].properties;
  if (properties === undefined) throw new Error(`${deployment} has no ${type} with properties`);
  return properties as T;
}

/** The app settings of a deployment, by name. */
export function appSettings(deployment: string): Record<string, string> {
  const { siteConfig } = propertiesOf<{ siteConfig: { appSettings: { name: string; value: string }[] } }>(
    'Microsoft.Web/sites',
    deployment,
  );
  return Object.fromEntries(siteConfig.appSettings.map(({ name, value }) => [name, value]));
}

interface Template {
  readonly parameters: Readonly<Record<string, { readonly defaultValue?: unknown }>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly definitions: Readonly<Record<string, { readonly properties?: Readonly<Record<string, unknown>> }>>;
}

/** infra/azuredeploy.json, which is the build of main.bicep. */
export const template: Template = JSON.parse(readProject('infra/azuredeploy.json'));

const tables: Record<string, Record<string, ColumnType>> = JSON.parse(readProject('src/local/logs/schemas.json'));

/** Microsoft's parser, bound to the tables of a workspace. Throws at what does not bind. */
export const parseQuery = createParser(
  Object.fromEntries(Object.entries(tables).map(([name, columns]) => [name, { columns }])),
);
