/** A process that starts a lake, with Azurite on the port it is told, says so, and waits to be killed. */
import { startLake } from '../../src/local/lake/lake.ts';

await startLake({ blobPort: Number(process.argv[2]) });
console.log('started');
