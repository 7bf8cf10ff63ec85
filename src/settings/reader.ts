import { didYouMean } from './nearest.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export interface Problem {
  /** Of the app setting. */
  readonly setting: string;
  /** What was found, what is expected, what to do. */
  readonly text: string;
}

export type SettingsReader = ReturnType<typeof createReader>;

const OURS = /^(?:EXPORTS?$|EXPORT_|[A-Z][A-Z0-9]{0,40}_(?:KQL|SCHEDULE)$)/i;

/**
 * Reads app settings one by one, and collects all problems with them. White space around a value does not count; an empty
 * one counts as unset.
 */
export function createReader(env: Env) {
  const textOf = (setting: string) => env[setting]?.trim() ?? '';
  /** The settings that have a value. */
  const names = Object.keys(env).filter((setting) => textOf(setting) !== '');
  const problems: Problem[] = [];
  const known = new Set<string>();

  /**
   * What `parse` makes of the setting's text, or of `byDefault` when it has none. `undefined` when `parse` throws: the
   * message, which must not repeat what may be secret, is a problem then.
   */
  function read<T>(setting: string, byDefault: string, parse: (text: string) => T): T | undefined {
    known.add(setting);
    try {
      return parse(textOf(setting) || byDefault);
    } catch (error) {
      problems.push({ setting, text: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  }

  /** Makes a problem of each setting that looks like one of ours and has not been read: it would have no effect. */
  function checkUnread(): void {
    const general = [...known].filter((setting) => setting.startsWith('EXPORT')).join(', ');
    const text = `has no effect: there are ${general}, and <NAME>_KQL and <NAME>_SCHEDULE of each export, in upper case`;
    for (const setting of names.filter((name) => OURS.test(name) && !known.has(name))) {
      problems.push({ setting, text: text + didYouMean(setting, known) });
    }
  }

  return { names, problems, read, checkUnread };
}
