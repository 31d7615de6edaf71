import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const CLIENTS = fileURLToPath(new URL('./flood.fixture.mjs', import.meta.url));

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Has clients in another process send a text again and again, until they have sent the bytes. Returns by how much this process grew. */
export async function growthUnderFlood(gatewayUrl: string, sockets: number, text: string, bytes: number): Promise<number> {
  const residentBytes = () => {
    collectGarbage();
    return process.memoryUsage().rss;
  };
  const before = residentBytes();
  let peak = before;
  const clients = fork(CLIENTS, [new URL(gatewayUrl).port, String(sockets), text], { execArgv: [] });
  try {
    for (let sent = 0; sent < bytes; peak = Math.max(peak, residentBytes())) [sent] = (await once(clients, 'message')) as [number];
  } finally {
    clients.kill('SIGKILL');
  }
  return peak - before;
}
