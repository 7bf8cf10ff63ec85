/** The page of a release, in Markdown: a button, the package's address, and its changes. */
export function deployPage(repository: string, tag: string, changelog: string): string {
  // The portal reads templates where any origin may: a release's files are not, those of a tag are.
  const raw = (file: string) =>
    encodeURIComponent(`https://raw.githubusercontent.com/${repository}/${tag}/infra/${file}`);
  const portal =
    `https://portal.azure.com/#create/Microsoft.Template/uri/${raw('azuredeploy.json')}` +
    `/createUIDefinitionUri/${raw('createUiDefinition.json')}`;
  return [
    `[![Deploy to Azure](https://aka.ms/deploytoazurebutton)](${portal})`,
    'The form asks for the package. Its address:',
    `\`\`\`\nhttps://github.com/${repository}/releases/download/${tag}/monitorlift.zip\n\`\`\``,
    'Or with `azuredeploy.json` and `monitorlift.zip` of this page in a shell: see Deploy in the README.',
    changesOf(changelog, tag.replace(/^v/, '')),
  ].join('\n\n');
}

/** The chapter of a version in a changelog; that of what is not released yet when the version has none. */
function changesOf(changelog: string, version: string): string {
  const chapters = changelog.split(/^## /m).slice(1);
  const found = chapters.find((chapter) => chapter.startsWith(`[${version}]`)) ?? chapters[0] ?? '';
  return found.slice(found.indexOf('\n')).trim();
}
