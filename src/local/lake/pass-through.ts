import { once } from 'node:events';
import { Agent, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http';
import { pipeline } from 'node:stream/promises';

/** Sends requests on to Azurite as they are, so that their signatures hold, and streams its answers back. */
export function createPassThrough(port: number) {
  const agent = new Agent({ keepAlive: true });
  return {
    /** @param seenEtag turns the ETag of the answer into the one that the client shall see, both with quotes. */
    async send(request: IncomingMessage, response: ServerResponse, seenEtag: (etag: string) => string): Promise<void> {
      const { method, url, rawHeaders } = request;
      const upstream = sendRequest({ host: '127.0.0.1', port, method, path: url, headers: rawHeaders, agent });
      const answered = once(upstream, 'response').then(async ([answer]: IncomingMessage[]) => {
        if (!answer) return;
        response.writeHead(answer.statusCode ?? 502, headersOf(answer, seenEtag));
        await pipeline(answer, response);
      });
      await Promise.all([pipeline(request, upstream), answered]);
    },
    close: (): void => agent.destroy(),
  };
}

function headersOf({ rawHeaders }: IncomingMessage, seenEtag: (etag: string) => string): string[] {
  const headers = rawHeaders.map((value, at) => {
    const name = at % 2 === 1 ? rawHeaders[at - 1]?.toLowerCase() : undefined;
    return name === 'etag' ? seenEtag(value) : value;
  });
  // What a lake says of its account, and Azurite does not.
  const isToSay = rawHeaders.includes('x-ms-account-kind') && !rawHeaders.includes('x-ms-is-hns-enabled');
  return isToSay ? [...headers, 'x-ms-is-hns-enabled', 'true'] : headers;
}
