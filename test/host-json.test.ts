import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

// In OpenTelemetry mode the host has filters of its own for what it sends, and those of host.json for all providers do
// nothing for the categories that they name. What .NET makes of both is written down here.

const LEVELS = ['Trace', 'Debug', 'Information', 'Warning', 'Error', 'Critical', 'None'] as const;
type Level = (typeof LEVELS)[number];

interface Rule {
  readonly provider?: 'OpenTelemetry';
  readonly category?: string;
  /** The lowest level that passes. */
  readonly level: Level;
}

type Levels = Readonly<Record<string, Level>>;

const { telemetryMode, logging } = JSON.parse(readFileSync(new URL('../host.json', import.meta.url), 'utf8')) as {
  telemetryMode: string;
  logging: { logLevel: Levels; OpenTelemetry: { logLevel: Levels } };
};

function rulesOf(levels: Levels, provider?: 'OpenTelemetry'): Rule[] {
  return Object.entries(levels).map(([name, level]) => ({
    ...(provider && { provider }),
    ...(name !== 'default' && { category: name }),
    level,
  }));
}

/** The host's own, in azure-functions-host: OpenTelemetryConfigurationExtensions. */
const HOST_RULES: readonly Rule[] = [
  { provider: 'OpenTelemetry', category: 'Function.*', level: 'Trace' },
  { provider: 'OpenTelemetry', category: 'Azure.*', level: 'None' },
  { provider: 'OpenTelemetry', category: 'Host.Results', level: 'None' },
];

function covers({ category = '' }: Rule, name: string): boolean {
  const [prefix = '', suffix = ''] = category.split('*');
  return name.startsWith(prefix) && name.endsWith(suffix);
}

/** .NET's LoggerRuleSelector: a rule of the provider beats any other, then the longest category. */
function passes(rules: readonly Rule[], category: string, level: Level): boolean {
  const covering = rules.filter((rule) => covers(rule, category));
  const own = covering.filter((rule) => rule.provider !== undefined);
  const [best] = (own.length > 0 ? own : covering)
    .map((rule, index) => ({ rule, index }))
    .sort((a, b) => (b.rule.category ?? '').length - (a.rule.category ?? '').length || b.index - a.index);
  return LEVELS.indexOf(level) >= LEVELS.indexOf(best?.rule.level ?? 'None');
}

const all = [...rulesOf(logging.logLevel), ...rulesOf(logging.OpenTelemetry.logLevel, 'OpenTelemetry'), ...HOST_RULES];

test('run records are sent, and nothing else of a run that succeeds', () => {
  assert.equal(telemetryMode, 'OpenTelemetry');
  for (const name of ['exportRequests', 'exportSlowrequests']) {
    // What a function logs has this category; the host's own words about it have the one without `.User`.
    assert.ok(passes(all, `Function.${name}.User`, 'Information'));
    for (const level of ['Trace', 'Debug'] as const) assert.ok(!passes(all, `Function.${name}.User`, level));
    for (const level of ['Trace', 'Information'] as const) assert.ok(!passes(all, `Function.${name}`, level));
    assert.ok(passes(all, `Function.${name}`, 'Error'));
  }
  assert.ok(!passes(all, 'Host.Startup', 'Information'));
  assert.ok(passes(all, 'Host.Startup', 'Warning'));
});

test('levels for all providers would let every level of a function through', () => {
  const rules = [...rulesOf({ default: 'Warning', Function: 'Information' }), ...HOST_RULES];
  assert.ok(passes(rules, 'Function.exportRequests', 'Trace'));
  // So there are none that only seem to do something.
  assert.deepEqual(Object.keys(logging.logLevel), ['default']);
});
