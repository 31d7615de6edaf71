import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '@chat/shared/testing';
import { uploadImage } from '@chat/testkit/files';
import type { Subscription } from '@chat/testkit/subscription';
import { TestUser } from '@chat/testkit/user';
import { gateway } from './kit/gateway.ts';

const client = gateway();
afterAll(() => client.close());

const ATTACHMENTS = 'attachments { id type fileName width height url thumbnailUrl }';
const SEND = `mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id conversationId content ${ATTACHMENTS} } }`;
const CREATE_GROUP = 'mutation ($input: CreateGroupInput!) { createGroup(input: $input) { id } }';
const MESSAGE = `message { id content deletedAt ${ATTACHMENTS} replyTo { ${ATTACHMENTS} } }`;
const EVENTS = `subscription ($after: String) { events(after: $after) { __typename cursor
  ${['MessageCreated', 'MessageUpdated', 'MessageDeleted', 'ReactionsChanged'].map((type) => `... on ${type} { ${MESSAGE} }`).join(' ')} } }`;

let ann: TestUser;
let ben: TestUser;
let cem: TestUser;
let groupId: string;
const streams: Subscription<any>[] = [];
beforeAll(async () => {
  [ann, ben, cem] = (await Promise.all(['ann', 'ben', 'cem'].map((name) => TestUser.register(client, name)))) as [
    TestUser,
    TestUser,
    TestUser,
  ];
  const input = { title: 'photos', memberIds: [ben.userId, cem.userId] };
  groupId = (await ann.mustAsk(CREATE_GROUP, { input })).createGroup.id;
});
afterAll(() => Promise.all(streams.map((stream) => stream.close())));

async function open(user: TestUser, after?: string): Promise<Subscription<any>> {
  const stream = user.subscribe<any>(EVENTS, after === undefined ? {} : { after });
  streams.push(stream);
  await stream.waitFor((item) => item.__typename === 'StreamOpened', 'the stream');
  return stream;
}

const statusOf = async (url: string) => {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
};
const userOf = (url: string) => new URL(url).searchParams.get('user');
const created = (stream: Subscription<any>, id: string) =>
  stream.waitFor((item) => item.__typename === 'MessageCreated' && item.message.id === id, 'the message');

it('an image reaches every member live, in pages and in a replay, with URLs for each of them', async () => {
  const [ofAnn, ofBen, ofCem] = [await open(ann), await open(ben), await open(cem)];
  const simple = ben.subscribe<any>(`subscription { messageReceived { id ${ATTACHMENTS} } }`);
  streams.push(simple);
  const { id: mediaId, url: unused } = await uploadImage(ann, 'MESSAGE_ATTACHMENT', { width: 40, height: 30 });
  expect([userOf(unused), await statusOf(unused)]).toEqual([ann.userId, 200]);
  const { sendMessage: sent } = await ann.mustAsk(SEND, { input: { conversationId: groupId, attachmentIds: [mediaId] } });
  expect(sent).toMatchObject({ content: '', attachments: [{ id: mediaId, type: 'IMAGE', fileName: 'cat.png', width: 40, height: 30 }] });

  for (const [user, stream] of [
    [ann, ofAnn],
    [ben, ofBen],
    [cem, ofCem],
  ] as const) {
    const { message } = await created(stream, sent.id);
    const [{ url, thumbnailUrl }] = message.attachments;
    expect([userOf(url), userOf(thumbnailUrl)]).toEqual([user.userId, user.userId]);
    const response = await fetch(url);
    expect([response.status, response.headers.get('content-type'), response.headers.get('x-content-type-options')]).toEqual([
      200,
      'image/png',
      'nosniff',
    ]);
    expect(response.headers.get('cache-control')).toMatch(/^private, max-age=[1-9]\d*, immutable$/);
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(50);
    expect(await statusOf(thumbnailUrl)).toBe(200);
  }
  await eventually(() =>
    expect(simple.items.some((item) => item.id === sent.id && userOf(item.attachments[0].url) === ben.userId)).toBe(true),
  );
  const { attachments } = (await ben.mustAsk(`{ getMessage(messageId: "${sent.id}") { ${ATTACHMENTS} } }`)).getMessage;
  expect([attachments.length, userOf(attachments[0].url), await statusOf(attachments[0].url)]).toEqual([1, ben.userId, 200]);
  const { lastMessage } = (await cem.mustAsk(`{ getConversation(conversationId: "${groupId}") { lastMessage { ${ATTACHMENTS} } } }`))
    .getConversation;
  expect(userOf(lastMessage.attachments[0].url)).toBe(cem.userId);
  const replay = await open(cem, ofCem.items[0].cursor);
  const { message: replayed } = await created(replay, sent.id);
  expect([replayed.attachments[0].id, userOf(replayed.attachments[0].url)]).toEqual([mediaId, cem.userId]);

  // A URL is for its user and file alone, and a token reads the file as well.
  const url = new URL(attachments[0].url);
  const changed = (name: string, value: string) => {
    const other = new URL(url);
    other.searchParams.set(name, value);
    return other.href;
  };
  for (const wrong of [changed('user', cem.userId), changed('expires', '99999999999'), changed('signature', 'x'), url.href.split('?')[0]!])
    expect(await statusOf(wrong)).toBe(404);
  const plain = await fetch(url.href.split('?')[0]!, { headers: { authorization: `Bearer ${ben.accessToken}` } });
  expect([plain.status, (await plain.arrayBuffer()).byteLength > 50]).toEqual([200, true]);

  const { getNotifications } = await ben.mustAsk('{ getNotifications { data { message } } }');
  expect(getNotifications.data[0].message).toBe('Photo');
});

it('a member that was removed, one that joined later, and all users after the deletion read the file no more', async () => {
  const { id: mediaId } = await uploadImage(ann, 'MESSAGE_ATTACHMENT');
  const { sendMessage: sent } = await ann.mustAsk(SEND, { input: { conversationId: groupId, content: 'bye', attachmentIds: [mediaId] } });
  const urlFor = async (user: TestUser) =>
    (await user.mustAsk(`{ getMessage(messageId: "${sent.id}") { ${ATTACHMENTS} } }`)).getMessage.attachments[0].url as string;
  const [ofAnn, ofBen, ofCem] = [await urlFor(ann), await urlFor(ben), await urlFor(cem)];
  await ann.mustAsk(`mutation { removeGroupMember(conversationId: "${groupId}", userId: "${ben.userId}") { id } }`);
  expect([await statusOf(ofAnn), await statusOf(ofBen), await statusOf(ofCem)]).toEqual([200, 404, 200]);
  await ann.mustAsk(`mutation { addGroupMembers(conversationId: "${groupId}", userIds: ["${ben.userId}"]) { id } }`);
  expect(await statusOf(ofBen)).toBe(404);

  const live = await open(cem);
  const reply = await cem.mustAsk(SEND, { input: { conversationId: groupId, content: 'why?', replyToId: sent.id } });
  expect((await created(live, reply.sendMessage.id)).message.replyTo.attachments[0].url).toContain(cem.userId);
  await ann.mustAsk(`mutation { deleteMessage(messageId: "${sent.id}") { id } }`);
  expect([await statusOf(ofAnn), await statusOf(ofCem)]).toEqual([404, 404]);
  await live.waitFor((item) => item.__typename === 'MessageDeleted' && item.message.attachments.length === 0, 'the deletion');
  const replay = await open(cem, live.items[0].cursor);
  expect((await created(replay, reply.sendMessage.id)).message.replyTo.attachments).toEqual([]);
  const all = await open(ann, streams[0]!.items[0].cursor);
  await all.waitFor((item) => item.__typename === 'MessageDeleted', 'the deletion');
  expect(JSON.stringify(all.items)).not.toContain(mediaId);
});

it('the picture of a group reaches its members live, each with URLs of their own, and is deleted when it is replaced', async () => {
  const picture = 'conversation { title picture { id url thumbnailUrl } }';
  const events = `subscription { events { __typename cursor ... on ConversationUpdated { ${picture} } ... on ConversationCreated { ${picture} } } }`;
  const [ofAnn, ofBen] = [ann, ben].map((user) => user.subscribe<any>(events)) as [Subscription<any>, Subscription<any>];
  streams.push(ofAnn, ofBen);
  for (const stream of [ofAnn, ofBen]) await stream.waitFor((item) => item.__typename === 'StreamOpened', 'the stream');
  const [first, second] = [await uploadImage(ann, 'GROUP_PICTURE'), await uploadImage(ann, 'GROUP_PICTURE')];
  const input = { title: 'with picture', memberIds: [ben.userId], pictureMediaId: first.id };
  const { id } = (await ann.mustAsk(CREATE_GROUP, { input })).createGroup;
  const change = (mediaId: string | null) =>
    ann.mustAsk(`mutation ($id: ID!, $mediaId: ID) { updateGroup(conversationId: $id, pictureMediaId: $mediaId) { picture { id } } }`, {
      id,
      mediaId,
    });
  const seen = async (stream: Subscription<any>, type: string, mediaId: string | null) =>
    (await stream.waitFor((item) => item.__typename === type && (item.conversation.picture?.id ?? null) === mediaId, 'the picture'))
      .conversation.picture;

  for (const [user, stream] of [
    [ann, ofAnn],
    [ben, ofBen],
  ] as const) {
    const { url } = await seen(stream, 'ConversationCreated', first.id);
    expect([userOf(url), await statusOf(url)]).toEqual([user.userId, 200]);
  }
  await change(second.id);
  const urls: string[] = [];
  for (const [user, stream] of [
    [ann, ofAnn],
    [ben, ofBen],
  ] as const) {
    const { url, thumbnailUrl } = await seen(stream, 'ConversationUpdated', second.id);
    expect([userOf(url), userOf(thumbnailUrl), await statusOf(url)]).toEqual([user.userId, user.userId, 200]);
    urls.push(url);
  }
  await change(null);
  expect(await seen(ofBen, 'ConversationUpdated', null)).toBeNull();
  expect(await Promise.all(urls.map(statusOf))).toEqual([404, 404]);
});
