export const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** Up to a subscription, a resource group, or a resource with those above it. */
const RESOURCE =
  /^\/subscriptions\/[^/]+(?:\/resourcegroups\/[^/]+(?:\/providers\/[^/]+\/[^/]+\/[^/]+(?:\/[^/]+\/[^/]+)*)?)?$/i;
/** What no name in a resource id has, and what would make it another path. */
const NOT_IN_ID = /[%&?#\\\p{C}]|\/\.\.?(?:\/|$)/u;

const FORM = 'the id of the Log Analytics workspace, a GUID (portal: workspace, Overview)';
const RESOURCE_FORM = 'an Azure resource id (/subscriptions/.../resourceGroups/.../providers/<type>/<name>)';

/** @returns in lower case, for a watermark compares it. */
export function parseWorkspace(text: string): string {
  if (GUID.test(text)) return text.toLowerCase();
  throw new Error(
    `found ${found(text, 'no GUID')}, expected ${FORM}; only where each export has a <NAME>_SOURCE, none`,
  );
}

/**
 * Where an export's rows are: a workspace by its GUID, or an Azure resource id.
 * @returns in lower case, and without a slash at its end.
 */
export function parseSource(text: string): string {
  if (GUID.test(text)) return text.toLowerCase();
  const id = text.replace(/\/$/, '');
  if (RESOURCE.test(id) && !NOT_IN_ID.test(id)) return id.toLowerCase();
  throw new Error(`found ${found(text, 'neither')}, expected ${FORM}, or ${RESOURCE_FORM}`);
}

/** Not repeated: it may be a connection string. */
function found(text: string, what: string): string {
  return text === '' ? 'nothing' : `${text.length} characters that are ${what}`;
}
