import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';
import { TestUploads } from './kit/uploads.js';

const MB = 2 ** 20;
const SIZE = 20 * MB;
const USERS = 5;
const UPLOADS_OF_USER = 4;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let profiles: TestProfileService;
let uploads: TestUploads;
beforeAll(async () => {
  profiles = await TestProfileService.start({ FILES_MAX_IMAGE_MB: '20' });
  uploads = new TestUploads(profiles);
});
afterAll(() => profiles.stop());

it('20 uploads of 20 MB at once need less than 100 MB of memory', async () => {
  const users = await Promise.all(Array.from({ length: USERS }, () => profiles.createUser()));
  const tickets = await Promise.all(
    users.flatMap((user) => Array.from({ length: UPLOADS_OF_USER }, () => uploads.ticket(user, { length: SIZE }))),
  );
  const urls = tickets.map(({ url }) => url);
  expect(await send(urls.slice(0, 4))).toEqual([204, 204, 204, 204]);
  const before = usedMemory();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, usedMemory())), 100);
  const statuses = await send(urls);
  clearInterval(timer);
  expect(new Set(statuses)).toEqual(new Set([204]));
  expect((most - before) / MB).toBeLessThan(100);
});

/** Without garbage, of which the process of the tests has much: how much depends on when it is collected. */
function usedMemory(): number {
  collectGarbage();
  return process.memoryUsage().rss;
}

/** In a process of its own: the memory of the clients does not count. */
async function send(urls: string[]): Promise<number[]> {
  const program = fileURLToPath(new URL('./kit/upload-clients.fixture.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, String(SIZE), ...urls.map((url) => uploads.local(url))]);
  return JSON.parse(stdout);
}
