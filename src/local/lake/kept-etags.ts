import type { Place } from './place.ts';

/**
 * The ETags that renamed files keep, for as long as the gateway lives: the blob, a copy, has another one. A condition
 * of a call that passes through to the blob endpoint must name the blob's; it is signed, so it cannot be translated.
 */
export function createKeptEtags() {
  const kept = new Map<string, { readonly ofBlob: string; readonly etag: string }>();
  const key = ({ fileSystem, path }: Place) => `${fileSystem}/${path}`;
  return {
    keep(place: Place, ofBlob: string, etag: string): void {
      kept.set(key(place), { ofBlob: plain(ofBlob), etag });
    },
    forget(place: Place): void {
      kept.delete(key(place));
    },
    /** The ETag that clients see, without quotes, for a file whose blob has the ETag `ofBlob`. */
    seen(place: Place, ofBlob: string): string {
      const found = kept.get(key(place));
      return found?.ofBlob === plain(ofBlob) ? found.etag : plain(ofBlob);
    },
  };
}

function plain(etag: string): string {
  return etag.replaceAll('"', '');
}
