import { afterAll, expect, it } from 'vitest';
import { gateway } from './kit/gateway.ts';
import { TestUser } from '@chat/testkit/user';
import { eventually } from '@chat/shared/testing';

const client = gateway();
afterAll(() => client.close());

const MESSAGE = 'message { id content editedAt deletedAt mentions replyTo { content } reactions { emoji count userIds } status }';
const EVENTS = `__typename cursor ${['MessageCreated', 'MessageUpdated', 'MessageDeleted', 'ReactionsChanged']
  .map((type) => `... on ${type} { ${MESSAGE} }`)
  .join(' ')}`;
const stream = (user: TestUser, after?: string) =>
  user.subscribe(`subscription { events${after ? `(after: "${after}")` : ''} { ${EVENTS} } }`);

it('edits, reactions and deletions arrive live in their order, and a replay shows every event as the message is now', async () => {
  const [ada, ben] = await Promise.all([TestUser.register(client, 'ada'), TestUser.register(client, 'ben')]);
  const { id: firstId, conversationId } = await ada.sendTo(ben.userId, 'first');
  const live = stream(ben);
  const opened: any = await live.waitFor((item: any) => item.__typename === 'StreamOpened', 'the stream');

  const input = { conversationId, content: 'a secret', replyToId: firstId, mentions: [ben.userId] };
  const send = 'mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id mentions replyTo { content } } }';
  const { sendMessage: sent } = await ada.mustAsk(send, { input });
  expect(sent).toMatchObject({ mentions: [ben.userId], replyTo: { content: 'first' } });
  const change = (user: TestUser, name: string, args = '') =>
    user.mustAsk(`mutation { ${name}(messageId: "${sent.id}"${args}) { content editedAt deletedAt reactions { emoji } } }`);
  await change(ada, 'editMessage', ', content: "another secret"');
  await eventually(async () =>
    expect((await ben.mustAsk('{ getNotifications { data { message } } }')).getNotifications.data[0].message).toBe('another secret'),
  );
  await change(ben, 'addReaction', ', emoji: "👍🏽"');
  expect(await change(ada, 'deleteMessage')).toMatchObject({ deleteMessage: { content: '', editedAt: null, reactions: [] } });

  await live.waitFor((item: any) => item.__typename === 'MessageDeleted', 'the deletion');
  const ofMessage = (items: any[]) => items.filter((item) => item.message?.id === sent.id).map((item) => [item.__typename, item.message]);
  const seen = ofMessage(live.items);
  expect(seen.map(([type]) => type)).toEqual(['MessageCreated', 'MessageUpdated', 'ReactionsChanged', 'MessageDeleted']);
  expect(seen[0]![1]).toMatchObject({ content: 'a secret', replyTo: { content: 'first' }, mentions: [ben.userId] });
  expect(seen[2]![1]).toMatchObject({ content: 'another secret', reactions: [{ emoji: '👍🏽', count: 1, userIds: [ben.userId] }] });
  await live.close();

  const replay = stream(ben, opened.cursor);
  await replay.waitFor((item: any) => item.__typename === 'MessageDeleted', 'the deletion');
  const tombstone = { content: '', editedAt: null, deletedAt: expect.any(String), mentions: [], replyTo: null, reactions: [] };
  const replayed = ofMessage(replay.items);
  expect(replayed.map(([type]) => type)).toEqual(['MessageCreated', 'MessageUpdated', 'ReactionsChanged', 'MessageDeleted']);
  for (const [, message] of replayed) expect(message).toMatchObject(tombstone);
  expect(JSON.stringify(replay.items)).not.toContain('secret');
  const notifications = await ben.mustAsk('{ getNotifications { data { message } } }');
  expect(JSON.stringify(notifications)).not.toContain('secret');
  await replay.close();
});
