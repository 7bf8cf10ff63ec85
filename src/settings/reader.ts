import { messageOf } from '../core/reason.ts';
import { didYouMean } from './nearest.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** Something about one app setting that is wrong, or that its owner should know. */
export interface Problem {
  /** Of the app setting. */
  readonly setting: string;
  /** What was found, what is expected, what to do. */
  readonly text: string;
}

export type SettingsReader = ReturnType<typeof createReader>;

const OURS = /^(?!APPSETTING_)(?:EXPORTS?$|EXPORT_|[A-Z]\w{0,40}_(?:KQL|SCHEDULE|SOURCE)$)/i;
/** Other programs have schedules and sources too. */
const COMMON_WORD = /^(?!EXPORT_).*_(?:SCHEDULE|SOURCE)$/i;

const QUOTED = /^(["']).*\1$/s;
const REFERENCE = /^@Microsoft\.\w+\(/i;

/**
 * Reads app settings one by one, and collects all problems with them. White space around a value does not count; an
 * empty one counts as unset.
 */
export function createReader(env: Env) {
  const textOf = (setting: string) => env[setting]?.trim() ?? '';
  /** The settings that have a value. */
  const names = Object.keys(env).filter((setting) => textOf(setting) !== '');
  const problems: Problem[] = [];
  /** What does not keep anything from being exported. */
  const warnings: Problem[] = [];
  const known = new Set<string>();

  /**
   * What `parse` makes of the setting's text, or of `byDefault` when it has none. `undefined` when `parse` throws: the
   * message, which must not repeat what may be secret, is a problem then.
   */
  function read<T>(setting: string, byDefault: string, parse: (text: string) => T): T | undefined {
    known.add(setting);
    try {
      const text = textOf(setting);
      checkOrigin(text);
      return parse(text || byDefault);
    } catch (error) {
      problems.push({ setting, text: messageOf(error) });
      return undefined;
    }
  }

  /** The same for a setting without a default: `undefined` when it has no text. */
  function readIfGiven<T>(setting: string, parse: (text: string) => T): T | undefined {
    return read(setting, '', (text) => (text === '' ? undefined : parse(text)));
  }

  /**
   * Makes a problem of each setting that looks like one of ours and has not been read: it would have no effect. A
   * warning where it may well be another program's.
   */
  function checkUnread(): void {
    const general = [...known].filter((setting) => setting.startsWith('EXPORT')).join(', ');
    const ofEach = '<NAME>_KQL, <NAME>_SOURCE and <NAME>_SCHEDULE of each export, in upper case';
    const text = `has no effect: there are ${general}, and ${ofEach}`;
    for (const setting of names.filter((name) => OURS.test(name) && !known.has(name))) {
      const near = didYouMean(setting, known);
      if (near === '' && COMMON_WORD.test(setting)) {
        warnings.push({ setting, text: 'has no effect, for no export has that name; another program may use it' });
      } else {
        problems.push({ setting, text: text + near });
      }
    }
  }

  return { names, problems, warnings, read, readIfGiven, checkUnread };
}

/** Finds what whoever handed the setting over left undone. */
function checkOrigin(text: string): void {
  if (QUOTED.test(text)) {
    throw new Error('found a value in quotes, which Docker keeps when it reads an env file: leave them out');
  }
  if (REFERENCE.test(text)) {
    throw new Error(
      'found a reference that has not been replaced by its value: see its state in the portal (Environment ' +
        "variables), grant the app's identity Key Vault Secrets User, and name a user-assigned identity as " +
        'keyVaultReferenceIdentity',
    );
  }
}
