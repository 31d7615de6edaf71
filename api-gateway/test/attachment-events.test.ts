import type { ChatConversation, FeedMessage } from '@chat/shared/contracts';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit, type UserWithToken } from './kit/gateway-kit.js';

let kit: GatewayKit;
let users: UserWithToken[];
let conversation: ChatConversation;
beforeAll(async () => {
  kit = await GatewayKit.start();
  users = await Promise.all([kit.createUser(), kit.createUser()]);
  conversation = kit.services.chat.addConversation(users.map(({ userId }) => userId));
});
afterAll(() => kit?.stop());

const fileOf = (kind: string): NonNullable<FeedMessage['attachments']>[number] => ({
  id: randomUUID(),
  kind,
  fileName: 'a',
  mimeType: 'b/c',
  sizeBytes: 3_000,
  width: null,
  height: null,
  durationSeconds: 1.5,
  waveform: null,
  createdAt: new Date().toISOString(),
});
const FILE = 'id publicId type fileName mimeType sizeBytes width height durationSeconds waveform url thumbnailUrl createdAt';
const open = (fields: string) =>
  Promise.all(
    users.map(({ token }) =>
      kit.events(token, undefined, `__typename cursor ... on MessageCreated { message { content attachments { ${fields} } } }`),
    ),
  );

it('the files of a live message have URLs of each user, without a call of another service', async () => {
  const streams = await open(FILE);
  const [image, video] = [fileOf('IMAGE'), fileOf('VIDEO')];
  const before = kit.services.calls.length;
  // As an event of the build before, and as one without files.
  await kit.services.feed.publish(
    kit.services.feed.recordMessage(conversation, users[0]!.userId, 'plain'),
    kit.services.feed.recordMessage(conversation, users[0]!.userId, '', { attachments: [image, video] }),
  );
  for (const [n, stream] of streams.entries()) {
    await stream.count(3);
    const [, plain, message] = stream.items.map((item: any) => item.message);
    expect(plain).toEqual({ content: 'plain', attachments: [] });
    const { kind, ...rest } = image;
    const url = expect.stringMatching(
      new RegExp(`/files/chat/${image.id}/original\\?user=${users[n]!.userId}&expires=\\d+&signature=[\\w-]{43}$`),
    );
    const thumbnailUrl = expect.stringMatching(new RegExp(`/files/chat/${image.id}/medium\\?user=${users[n]!.userId}&`));
    expect(message.attachments[0]).toEqual({ ...rest, type: kind, publicId: `chat/${image.id}`, url, thumbnailUrl });
    expect(message.attachments[1]).toMatchObject({ type: 'VIDEO', durationSeconds: 1.5, thumbnailUrl: null });
  }
  expect(kit.services.calls.slice(before).filter(({ path }) => path.startsWith('/chat/'))).toEqual([]);
});
