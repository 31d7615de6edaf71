import type { ConversationForMembers, FeedEvent } from '@chat/shared/contracts';
import { expect, it } from 'vitest';
import type { ChatClient } from '../clients/chat.client.js';
import { SharedConversations } from './shared-conversations.js';

const event = (offset: number) => ({ conversationId: 'c', epoch: 1, partition: 0, offset, type: 'ConversationUpdated' }) as FeedEvent;
const conversation = { id: 'c', members: [{ userId: 'ada', unreadCount: 1, mutedUntil: null, seesLastMessage: true }] };

/** Sockets in front of a chat-service that answers when the test says so. */
function start() {
  const requests: PromiseWithResolvers<ConversationForMembers>[] = [];
  const chat = {
    getConversationForMembers: () => {
      const request = Promise.withResolvers<ConversationForMembers>();
      requests.push(request);
      return request.promise;
    },
  };
  return { requests, conversations: new SharedConversations(chat as unknown as ChatClient) };
}

it('1,000 sockets that wait for a chat-service that fails are one request, and the next event is another one', async () => {
  const { requests, conversations } = start();
  const loads = Promise.allSettled(Array.from({ length: 1000 }, () => conversations.load(event(1), 'ada')));
  requests[0]!.reject(new Error('unavailable'));
  expect(new Set((await loads).map(({ status }) => status))).toEqual(new Set(['rejected']));
  expect(requests).toHaveLength(1);
  const again = conversations.load(event(1), 'ada');
  requests[1]!.resolve(conversation as unknown as ConversationForMembers);
  expect(await again).toMatchObject({ id: 'c', unreadCount: 1 });
  expect(requests).toHaveLength(2);
});

it('an event that is later than the request is loaded anew, an earlier one is not', async () => {
  const { requests, conversations } = start();
  const offsets = [2, 1, 3];
  const loads = offsets.map((offset) => conversations.load(event(offset), 'ada'));
  for (const { resolve } of requests) resolve(conversation as unknown as ConversationForMembers);
  await Promise.all(loads);
  expect(requests).toHaveLength(2);
});
