import type { Frame } from './kql/frame.ts';
import { translate } from './kql/translate.ts';
import { createParser, type Schemas, type Syntax } from './kusto.ts';
import { LEGACY_SCHEMAS, legacyFrame, tableBehind } from './legacy.ts';
import { type ResourceScope, storedFrame, type Timespan } from './tables.ts';

/** Saved functions without parameters: name to query. */
export type SavedFunctions = Readonly<Record<string, string>>;

interface PlanOptions {
  readonly timespan?: Timespan | undefined;
  /** Nothing: the whole workspace, which knows no classic names. */
  readonly scope?: ResourceScope | undefined;
  readonly nowTicks: bigint;
}

/**
 * Translates a query.
 * @throws KqlError when the service would refuse it, or the translation does not know it.
 */
export type Plan = (kql: string, options: PlanOptions) => Frame;

export function createPlan(schemas: Schemas, functions: SavedFunctions): Plan {
  const ofResources = Object.fromEntries(Object.entries(schemas).filter(([, { columns }]) => '_ResourceId' in columns));
  const inWorkspace = createParser(schemas, functions);
  let inScope: ((kql: string) => Syntax) | undefined;
  return (kql, { timespan, scope, nowTicks }) => {
    if (scope !== undefined) inScope ??= createParser({ ...ofResources, ...LEGACY_SCHEMAS }, functions);
    const parse = (scope && inScope) ?? inWorkspace;
    const stored = (name: string): Frame | undefined => {
      const schema = (scope === undefined ? schemas : ofResources)[name];
      return schema && storedFrame(name, schema, timespan, scope);
    };
    const classic = (name: string): Frame | undefined => {
      const behind = scope && stored(tableBehind(name) ?? '');
      return behind && legacyFrame(name, behind);
    };
    const saved = (name: string): Syntax | undefined => {
      const query = functions[name];
      return query === undefined ? undefined : parse(query);
    };
    const tableNames = Object.keys(scope === undefined ? schemas : { ...ofResources, ...LEGACY_SCHEMAS });
    return translate(parse(kql), { tableNames, table: (name) => stored(name) ?? classic(name), saved, nowTicks });
  };
}
