import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { createDefaultHttpClient, type HttpClient, type PipelineResponse } from '@azure/core-rest-pipeline';

/** Each piece is a trip to another thread; the SDK decompresses in pieces of 16 kB. */
const PIECE_BYTES = 128 * 1024;

/**
 * The SDK's HTTP client, except that the body of every answer is a stream of what was sent, for `bodyOf`.
 * @param isPlain the SDK sends tokens over https only, so it is shown https, and http is sent: on loopback, past any proxy.
 */
export function createTransport(isPlain: boolean): HttpClient {
  const client = createDefaultHttpClient();
  return {
    sendRequest: (request) => {
      // Without the header that it knows, the client leaves the body as it is.
      request.headers.delete('Accept-Encoding');
      const headers = { ...request.headers.toJSON({ preserveCase: true }), 'Accept-Encoding': 'gzip' };
      return client.sendRequest({
        ...request,
        requestOverrides: { headers },
        streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
        ...(isPlain && {
          url: request.url.replace(/^https:/, 'http:'),
          agent: undefined,
          allowInsecureConnection: true,
        }),
      });
    },
  };
}

/** The body of an answer of `createTransport`, decompressed. It fails when the connection breaks, and closes it when destroyed. */
export function bodyOf(response: PipelineResponse): Readable {
  const sent = response.readableStreamBody as Readable;
  if (response.headers.get('Content-Encoding') !== 'gzip') return sent;
  // Whoever reads gets its error.
  return pipeline(sent, createGunzip({ chunkSize: PIECE_BYTES }), () => undefined);
}
