import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';
import { growthUnderFlood } from './kit/flood.js';

const MIB = 2 ** 20;

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit.stop());

it('50 sockets that send long pings without connection_init, and read nothing, cost less than 64 MiB', async () => {
  const ping = JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(60_000) } });
  expect(await growthUnderFlood(kit.gateway.url, 50, ping, 300 * MIB)).toBeLessThan(64 * MIB);
  expect((await kit.ask('{ hello }')).status).toBe(200);
});
