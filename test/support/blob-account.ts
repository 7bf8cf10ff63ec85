import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { startAzurite } from '../../src/local/lake/azurite.ts';

export const ACCOUNT = 'devstoreaccount1';

/** A flat account on this machine: Azurite, with containers as its own SDK sees them. */
export interface BlobAccount {
  /** A new container, which everybody may read. */
  create(): Promise<{ readonly url: URL; readonly container: ContainerClient }>;
  close(): Promise<void>;
}

export async function startBlobAccount(): Promise<BlobAccount> {
  const azurite = await startAzurite({});
  const { credential } = BlobServiceClient.fromConnectionString('UseDevelopmentStorage=true');
  const account = `http://127.0.0.1:${azurite.blobPort}/${ACCOUNT}`;
  const service = new BlobServiceClient(account, credential);
  let made = 0;
  return {
    async create() {
      const name = `telemetry-${++made}`;
      const { containerClient: container } = await service.createContainer(name, { access: 'container' });
      return { url: new URL(`${account}/${name}`), container };
    },
    close: azurite.close,
  };
}
