import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Names to ports; 0 or nothing is any free port.
 * @throws one error that names each port that is taken.
 */
export async function checkPorts(ports: Readonly<Record<string, number | undefined>>): Promise<void> {
  const busy: string[] = [];
  for (const [name, port] of Object.entries(ports)) {
    if (port && !(await isFree(port))) busy.push(`${port} (${name})`);
  }
  if (busy.length === 0) return;
  throw new Error(
    `Busy on 127.0.0.1: port ${busy.join(', ')}. Stop what listens there; perhaps it is another Azurite.`,
  );
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
