import { EICAR, FakeClamd } from '@chat/testkit/fake-clamd';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AppError } from '../../src/errors/index.js';
import { clamdAddress, ClamdScanner } from '../../src/media/index.js';
import { eventually } from '../../src/testing/index.js';

let clamd: FakeClamd;
beforeAll(async () => {
  clamd = await FakeClamd.start();
});
afterAll(() => clamd?.close());

const scannerOf = (address: string) => new ClamdScanner(clamdAddress(address)!);
const scan = (parts: Buffer[], timeoutMs = 10_000) => scannerOf(clamd.address).scan(Readable.from(parts), AbortSignal.timeout(timeoutMs));
const eicar = Buffer.from(EICAR);

it('a file is clean or infected, however it is cut into parts', async () => {
  const [before, after] = [randomBytes(200_000), randomBytes(300_000)];
  expect(await scan([before, after])).toBeNull();
  expect(clamd.scanned.at(-1)).toBe(500_000);
  for (const parts of [
    [eicar],
    [before, eicar, after],
    [Buffer.concat([before, eicar.subarray(0, 30)]), eicar.subarray(30)],
    [...eicar].map((byte) => Buffer.of(byte)),
  ])
    expect(await scan(parts)).toBe('Eicar-Test-Signature');
});

it('a Unix socket is used as well', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'chat-clamd-'));
  const local = await FakeClamd.start(path.join(folder, 'clamd.ctl'));
  try {
    expect(await scannerOf(local.address).scan(Readable.from([eicar]), AbortSignal.timeout(10_000))).toBe('Eicar-Test-Signature');
  } finally {
    await local.close();
    await rm(folder, { recursive: true });
  }
});

it('without a verdict a file is not clean: clamd is unavailable', async () => {
  clamd.faults.push('closes', 'error');
  for (let n = 0; n < 2; n++) await expect(scan([eicar])).rejects.toMatchObject({ kind: 'unavailable', code: 'file-scan/unavailable' });
  await expect(scannerOf('tcp://127.0.0.1:1').scan(Readable.from([eicar]), AbortSignal.timeout(10_000))).rejects.toMatchObject({
    kind: 'unavailable',
  });
  clamd.maxStreamBytes = 1000;
  try {
    await expect(scan([randomBytes(5_000_000)])).rejects.toMatchObject({ kind: 'unavailable', code: 'file-scan/unavailable' });
  } finally {
    clamd.maxStreamBytes = Infinity;
  }
});

it('a server that does not answer is given up at the deadline', async () => {
  clamd.faults.push('silent');
  await expect(scan([eicar], 200)).rejects.toMatchObject({ kind: 'unavailable' });
});

it('the error of the file is not one of clamd', async () => {
  const failing = Readable.from(
    (async function* () {
      yield eicar;
      throw new AppError('unavailable', 'file-storage/unavailable', 'The storage does not answer.');
    })(),
  );
  await expect(scannerOf(clamd.address).scan(failing, AbortSignal.timeout(10_000))).rejects.toMatchObject({
    code: 'file-storage/unavailable',
  });
});

it('a file is read no faster than clamd takes it', async () => {
  const server = createServer((socket) => void socket.pause().on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let readBytes = 0;
  const endless = Readable.from(
    (function* () {
      for (;;) {
        readBytes += 64 * 1024;
        yield Buffer.alloc(64 * 1024);
      }
    })(),
  );
  const given = new AbortController();
  const scanning = scannerOf(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`).scan(endless, given.signal);
  scanning.catch(() => undefined);
  let before = -1;
  // The buffers of the operating system are full when nothing is read any more.
  await eventually(() => {
    const isStill = readBytes > 0 && readBytes === before;
    before = readBytes;
    return isStill;
  });
  expect(readBytes).toBeLessThan(32 * 2 ** 20);
  given.abort();
  await expect(scanning).rejects.toMatchObject({ kind: 'unavailable' });
  expect(endless.destroyed).toBe(true);
  server.close();
});

it.each([
  ['tcp://clamd:3310', { host: 'clamd', port: 3310 }],
  ['tcp://[::1]:3310', { host: '::1', port: 3310 }],
  ['unix:/run/clamav/clamd.ctl', { path: '/run/clamav/clamd.ctl' }],
  ['clamd:3310', null],
  ['tcp://clamd', null],
  ['tcp://clamd:70000', null],
  ['unix:clamd.ctl', null],
  ['http://clamd:3310', null],
])('the address %s is read', (text, address) => expect(clamdAddress(text)).toEqual(address));
