import { KqlError, type Syntax } from '../kusto.ts';

/** Refuses what the parser allows and this translation does not know. */
export function untranslatable(node: Syntax, what: string): KqlError {
  const found = node.text.slice(0, 60);
  const message = `The local Logs emulator does not translate ${what}. Found '${found}'. Rewrite the query without it.`;
  return new KqlError('SemanticError', message, node.start);
}

/** A part of a node that the grammar guarantees. */
export function part(node: Syntax, role: string): Syntax {
  const child = node.child(role);
  if (child === undefined) throw untranslatable(node, `${node.kind} without ${role}`);
  return child;
}

/** The name that a name declaration, a reference or a member selector stands for. */
export function nameOf(node: Syntax): string {
  return node.symbol || node.text.replace(/^\[\s*['"]|['"]\s*\]$/g, '');
}

/** The value of a named parameter such as `kind=regex`, as it was written. */
export function parameter(node: Syntax, name: string): string | undefined {
  const found = node.child('Parameters')?.children.find((each) => nameOf(part(each, 'Name')) === name);
  return found && part(found, 'Expression').text;
}
