import { BlobServiceClient } from '@azure/storage-blob';
import { checkPorts } from '../ports.ts';
import { type AzuriteOptions, startAzurite } from './azurite.ts';
import { startGateway } from './gateway.ts';

const ACCOUNT = 'devstoreaccount1';

export interface LakeOptions extends AzuriteOptions {
  /** Where the Data Lake listens; 0 or nothing: a free port. */
  readonly port?: number;
}

/** A Data Lake on this machine: blob and DFS endpoint behind one address. */
export interface Lake {
  /** The URL of a file system, as `SINK_URL` wants it. */
  url(fileSystem: string): string;
  createFileSystem(name: string): Promise<void>;
  /** Ends it all. Whoever is killed before, or just ends, leaves no process behind, and no data unless in `folder`. */
  close(): Promise<void>;
}

/** Starts Azurite and the gateway in front of it. Takes about two seconds. */
export async function startLake(options: LakeOptions = {}): Promise<Lake> {
  await checkPorts({
    'Data Lake': options.port,
    blob: options.blobPort,
    queue: options.queuePort,
    table: options.tablePort,
  });
  const azurite = await startAzurite(options);
  try {
    const { credential } = BlobServiceClient.fromConnectionString('UseDevelopmentStorage=true');
    const blobUrl = `http://127.0.0.1:${azurite.blobPort}/${ACCOUNT}`;
    // A body that is being streamed cannot be sent twice, and Azurite is near.
    const blobs = new BlobServiceClient(blobUrl, credential, { retryOptions: { maxTries: 1 } });
    const gateway = await startGateway(blobs, azurite.blobPort, options.port ?? 0);
    return {
      url: (fileSystem) => `http://127.0.0.1:${gateway.port}/${ACCOUNT}/${fileSystem}`,
      createFileSystem: async (name) => void (await blobs.createContainer(name)),
      async close() {
        await gateway.close();
        await azurite.close();
      },
    };
  } catch (error) {
    await azurite.close();
    throw error;
  }
}
