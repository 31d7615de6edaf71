import { once } from 'node:events';
import { connect } from 'node:net';
import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';
import { image, TestUploads } from './kit/uploads.js';

let profiles: TestProfileService;
let uploads: TestUploads;
beforeAll(async () => {
  profiles = await TestProfileService.start({ FILES_UPLOAD_TIMEOUT: '2' });
  uploads = new TestUploads(profiles);
});
afterAll(() => profiles.stop());

describe('the bytes of a file', () => {
  it('are refused if the URL was changed or has expired, and for an upload that is completed or does not exist', async () => {
    const content = await image();
    const ada = await profiles.createUser();
    const [ticket, other] = [await uploads.ticket(ada, content), await uploads.ticket(ada, content)];
    const changed = [
      ticket.url.replace(ticket.uploadId, other.uploadId),
      ticket.url.replace(/expires=\d+/, 'expires=9999999999'),
      ticket.url.replace(/signature=./, (start) => (start.endsWith('A') ? 'signature=B' : 'signature=A')),
    ];
    for (const url of changed) expect((await uploads.send({ ...ticket, url }, content)).status).toBe(404);
    expect((await uploads.send({ ...ticket, url: ticket.url.replace(/&signature=.*/, '') }, content)).status).toBe(400);
    await profiles.dataSource.query(`update uploads set expires_at = now() where id = $1`, [other.uploadId]);
    expect((await uploads.send(other, content)).status).toBe(403);
    expect((await uploads.send(ticket, content)).status).toBe(204);
    expect((await uploads.complete(ada, ticket)).status).toBe(200);
    expect((await uploads.send(ticket, content)).status).toBe(409);
  });

  it('must be as many as the ticket says', async () => {
    const content = await image();
    const ada = await profiles.createUser();
    const ticket = await uploads.ticket(ada, content);
    expect(await uploads.send(ticket, content.subarray(1))).toMatchObject({
      status: 400,
      body: { type: 'urn:chat:error:file/incomplete' },
    });
    expect(await uploads.send(ticket, Buffer.concat([content, content]))).toMatchObject({ status: 413 });
    const chunked = new Blob([new Uint8Array(content)]).stream();
    expect(await uploads.send(ticket, chunked)).toMatchObject({ status: 400, body: { type: 'urn:chat:error:upload/length-missing' } });
    expect(await uploads.complete(ada, ticket)).toMatchObject({ status: 400, body: { type: 'urn:chat:error:upload/not-received' } });
    expect(await uploads.countUnfinished()).toBe(0);
    expect((await uploads.send(ticket, content)).status).toBe(204);
    expect((await uploads.complete(ada, ticket)).status).toBe(200);
  });

  it('must arrive before the deadline, however steadily they drip, and leave nothing behind', async () => {
    const ticket = await uploads.ticket(await profiles.createUser(), { length: 1000 });
    const slow = await openUpload(ticket.url, 1000);
    const timer = setInterval(() => slow.write('x'), 50);
    const [answer] = (await once(slow, 'data')) as [Buffer];
    clearInterval(timer);
    expect(answer.toString()).toContain('upload/too-slow');
    expect(await uploads.countUnfinished()).toBe(0);
    slow.destroy();
  });

  it('of a connection that breaks off are removed', async () => {
    const ticket = await uploads.ticket(await profiles.createUser(), { length: 1000 });
    const broken = await openUpload(ticket.url, 1000);
    broken.write('some bytes');
    await eventually(async () => (await uploads.countUnfinished()) === 1);
    broken.destroy();
    await eventually(async () => (await uploads.countUnfinished()) === 0);
  });

  it('may be sent again at once: the transfer before ends', async () => {
    const content = await image();
    const ada = await profiles.createUser();
    const ticket = await uploads.ticket(ada, content);
    const dead = await openUpload(ticket.url, content.length);
    dead.write(content.subarray(0, 10));
    await eventually(async () => (await uploads.countUnfinished()) === 1);
    const replaced = once(dead, 'data');
    expect((await uploads.send(ticket, content)).status).toBe(204);
    expect(((await replaced) as [Buffer])[0].toString()).toContain('upload/replaced');
    expect((await uploads.complete(ada, ticket)).status).toBe(200);
    dead.destroy();
  });

  it('are received for few files of a user at a time', async () => {
    const ada = await profiles.createUser();
    const tickets = await Promise.all(Array.from({ length: 5 }, () => uploads.ticket(ada, { length: 1000 })));
    const open = await Promise.all(tickets.slice(0, 4).map(({ url }) => openUpload(url, 1000)));
    for (const connection of open) connection.write('x');
    await eventually(async () => (await uploads.countUnfinished()) === 4);
    expect(await uploads.send(tickets[4]!, Buffer.alloc(1000))).toMatchObject({ status: 429, body: { retryAfterSeconds: 5 } });
    const bob = await profiles.createUser();
    expect((await uploads.send(await uploads.ticket(bob, { length: 1000 }), Buffer.alloc(1000))).status).toBe(204);
    for (const connection of open) connection.destroy();
  });
});

/** A PUT whose body the test sends piece by piece. */
async function openUpload(url: string, length: number) {
  const { hostname, port, pathname, search } = new URL(uploads.local(url));
  const connection = connect(Number(port), hostname);
  await once(connection, 'connect');
  connection.on('error', () => {});
  connection.write(
    `PUT ${pathname}${search} HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: ${length}\r\n\r\n`,
  );
  return connection;
}
