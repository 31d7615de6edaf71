import { afterAll, expect, it } from 'vitest';
import { gateway } from './kit/gateway.ts';
import { TestUser } from '@chat/testkit/user';
import { eventually } from '@chat/shared/testing';

const client = gateway();
afterAll(() => client.close());

it('answers hello without a token', async () => {
  expect((await client.mustAsk('{ hello }')).hello).toEqual(expect.any(String));
});

it('delivers a message live to the recipient and to the sender’s own devices', async () => {
  const [ada, ben] = await Promise.all([TestUser.register(client, 'ada'), TestUser.register(client, 'ben')]);
  const [adasEvents, bensEvents] = await Promise.all([ada.events(), ben.events()]);
  const bensMessages = ben.subscribe('subscription { messageReceived { id content senderId seq } }');
  const bensNotifications = ben.subscribe('subscription { notificationReceived { type title message data read } }');

  const sent = await ada.sendTo(ben.userId, 'Hello Ben');
  expect(sent).toMatchObject({ seq: 1, senderId: ada.userId, receiverId: ben.userId, content: 'Hello Ben', status: 'SENT' });

  const arrived = await bensEvents.waitFor((item) => item.message?.id === sent.id, 'the message');
  expect(arrived.message).toMatchObject({ seq: 1, content: 'Hello Ben', senderId: ada.userId, conversationId: sent.conversationId });
  const created = bensEvents.items.find((item) => item.__typename === 'ConversationCreated');
  expect(created?.conversation?.id).toBe(sent.conversationId);
  expect(created?.conversation?.participants.toSorted()).toEqual([ada.userId, ben.userId].toSorted());
  expect(bensEvents.items.map((item) => item.__typename)).toEqual(['StreamOpened', 'ConversationCreated', 'MessageCreated']);

  await adasEvents.waitFor((item) => item.message?.id === sent.id, 'the sender’s own copy');
  // These two subscriptions replay nothing, so the test sends again until a message arrives on both: they are open then.
  await eventually(async () => {
    const again = await ada.sendTo(ben.userId, 'are you there?');
    await Promise.all([
      bensMessages.waitFor((m: any) => m.id === again.id, 'messageReceived', 1_000),
      bensNotifications.waitFor(
        (n: any) => n.type === 'MESSAGE' && n.data.messageId === again.id && n.read === false && n.message === 'are you there?',
        'the notification',
        1_000,
      ),
    ]);
  });
  await Promise.all([adasEvents.close(), bensEvents.close(), bensMessages.close(), bensNotifications.close()]);
});

it('counts unread messages, and shows the sender when they are read', async () => {
  const [ada, ben] = await Promise.all([TestUser.register(client, 'ada'), TestUser.register(client, 'ben')]);
  const { conversationId } = await ada.sendTo(ben.userId, 'one');
  await ada.sendIn(conversationId, 'two');
  const third = await ada.sendIn(conversationId, 'three');
  const adasEvents = await ada.events();

  const list = (await ben.mustAsk('{ getConversations { total data { id unreadCount lastSeq lastMessage { content } } } }'))
    .getConversations;
  expect(list).toEqual({ total: 1, data: [{ id: conversationId, unreadCount: 3, lastSeq: 3, lastMessage: { content: 'three' } }] });
  await eventually(async () => expect((await ben.mustAsk('{ getUnreadNotificationCount }')).getUnreadNotificationCount).toBe(1));

  const read = (
    await ben.mustAsk('mutation ($id: ID!) { markConversationAsRead(conversationId: $id, seq: 2) { unreadCount } }', { id: conversationId })
  ).markConversationAsRead;
  expect(read.unreadCount).toBe(1);
  const marked = (await ben.mustAsk('mutation ($id: String!) { markMessageAsRead(messageId: $id) { status readAt } }', { id: third.id }))
    .markMessageAsRead;
  expect(marked).toEqual({ status: 'READ', readAt: expect.any(String) });

  const receipt = await adasEvents.waitFor((item) => item.__typename === 'ReceiptsAdvanced' && item.lastReadSeq === 3, 'the receipt');
  expect(receipt).toMatchObject({ conversationId, userId: ben.userId });
  const [first] = (
    await ada.mustAsk('query ($id: String!) { getMessages(conversationId: $id) { data { seq status readAt } } }', { id: conversationId })
  ).getMessages.data;
  expect(first).toEqual({ seq: 1, status: 'READ', readAt: expect.any(String) });
  // Marking the conversation as read marks its notifications as read.
  await eventually(async () => expect((await ben.mustAsk('{ getUnreadNotificationCount }')).getUnreadNotificationCount).toBe(0));
  await adasEvents.close();
});

it('pages through a conversation by seq', async () => {
  const [ada, ben] = await Promise.all([TestUser.register(client, 'ada'), TestUser.register(client, 'ben')]);
  const { conversationId } = await ada.sendTo(ben.userId, '1');
  for (let n = 2; n <= 25; n += 1) await ada.sendIn(conversationId, String(n));
  const page = async (args: string) =>
    (
      await ben.mustAsk(
        `query ($id: String!) { getMessages(conversationId: $id, ${args}) { total page totalPages hasOlder hasNewer data { seq content } } }`,
        {
          id: conversationId,
        },
      )
    ).getMessages;
  const seqs = (answer: any) => answer.data.map((m: any) => m.seq);

  const newest = await page('limit: 10');
  expect(seqs(newest)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
  expect(newest).toMatchObject({ total: 25, page: 1, totalPages: 3, hasOlder: true, hasNewer: false });
  expect(seqs(await page('limit: 10, page: 3'))).toEqual([1, 2, 3, 4, 5]);
  expect(seqs(await page('limit: 3, beforeSeq: 16'))).toEqual([13, 14, 15]);
  expect(seqs(await page('limit: 3, afterSeq: 4'))).toEqual([5, 6, 7]);
  expect(seqs(await page('limit: 5, aroundSeq: 10'))).toEqual([8, 9, 10, 11, 12]);
});
