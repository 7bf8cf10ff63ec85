import { createRequire } from 'node:module';

interface Diagnostics {
  readonly Count: number;
  getItem(index: number): { readonly Message: string; readonly Start: number };
}
interface Kusto {
  readonly KustoCode: { Parse(text: string): { readonly Kind: string; GetDiagnostics(): Diagnostics } };
}

/** What Microsoft's parser finds wrong with a management command. */
export function commandProblems(text: string): string[] {
  const require = createRequire(import.meta.url);
  require('@kusto/language-service-next/bridge.min.js');
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  const { KustoCode } = (globalThis as unknown as { Kusto: { Language: Kusto } }).Kusto.Language;
  const code = KustoCode.Parse(text);
  const diagnostics = code.GetDiagnostics();
  const found = Array.from({ length: diagnostics.Count }, (_, index) => {
    const { Message, Start } = diagnostics.getItem(index);
    return `${Message} at ${Start}`;
  });
  return code.Kind === 'Command' ? found : [`it is a ${code.Kind}`, ...found];
}
