// A small web shop, instrumented with Azure Monitor's own OpenTelemetry distribution, as Node services are. It
// announces its port to the parent process and ends, flushed, when the parent disconnects.
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { shutdownAzureMonitor, useAzureMonitor } from '@azure/monitor-opentelemetry';
import { metrics, SpanStatusCode, trace } from '@opentelemetry/api';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';

const connectionString = process.env.APPLICATIONINSIGHTS_CONNECTION_STRING ?? '';

/** The exporter insists on https; the local endpoint has none. */
function createPlainHttpClient(): HttpClient {
  const client = createDefaultHttpClient();
  return {
    sendRequest(request) {
      request.url = request.url.replace(/^https:/, 'http:');
      request.allowInsecureConnection = true;
      return client.sendRequest(request);
    },
  };
}

useAzureMonitor({
  azureMonitorExporterOptions: { connectionString, disableOfflineStorage: true, httpClient: createPlainHttpClient() },
  tracesPerSecond: 0, // no limit: every row counts here
  enableLiveMetrics: false,
});

// Loaded after the instrumentation, which patches it.
const http = createRequire(import.meta.url)('node:http') as typeof import('node:http');
const tracer = trace.getTracer('shop');
const logger = logs.getLogger('shop');
const orders = metrics.getMeter('shop').createCounter('orders');

const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://shop');
  answer(pathname).then(
    (body) => response.end(body),
    (error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    },
  );
});

async function answer(pathname: string): Promise<string> {
  if (pathname === '/stock') return 'plenty';
  logger.emit({ severityNumber: SeverityNumber.INFO, severityText: 'INFO', body: `asked for ${pathname} "today"\n` });
  if (pathname === '/order') return await order();
  if (pathname === '/broken') return broken();
  return 'hello';
}

/** A dependency, a metric and a custom event. */
async function order(): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const stock = await new Promise<string>((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path: '/stock' }, (reply) => {
      reply.setEncoding('utf8').on('data', resolve).on('error', reject);
    });
    request.on('error', reject);
  });
  orders.add(1, { kind: 'sample' });
  logger.emit({ body: 'ordered', attributes: { 'microsoft.custom_event.name': 'ordered', stock } });
  return stock;
}

/** An exception on a span. */
function broken(): string {
  return tracer.startActiveSpan('checkout', (span) => {
    const error = new Error('the basket is empty');
    span.recordException(error);
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    throw error;
  });
}

server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the parent says when to end
process.once('disconnect', () => {
  server.close();
  server.closeAllConnections();
  shutdownAzureMonitor().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
