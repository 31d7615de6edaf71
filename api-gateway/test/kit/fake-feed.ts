import {
  type ChatConversation,
  encodeLiveFeedEvent,
  type FeedEvent,
  type FeedMessage,
  type FeedMessageType,
  type FeedPage,
  type FeedPosition,
} from '@chat/shared/contracts';
import { channels } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { isMember } from './fake-chat-service.js';
import type { Routes } from './fake-http-server.js';

const PARTITIONS = 4;

/** The feed of notification-service in memory. `record…` stores an event, `publish` sends events to the live channels of the members. */
export class FakeFeed {
  readonly events: FeedEvent[] = [];
  epoch = 1;
  private readonly lastOffsets: number[] = Array.from({ length: PARTITIONS }, () => -1);

  readonly routes: Routes = {
    'GET /notifications/unread-count': () => ({ count: 3 }),
    'POST /feed/end-position': () => this.endPosition(),
    'POST /feed/replay': ({ body, userId }) => this.replay(body.after, body.limit, userId ?? ''),
  };

  constructor(
    private readonly redis: Redis,
    private readonly conversations: ReadonlyMap<string, ChatConversation>,
  ) {}

  recordMessage(conversation: ChatConversation, senderId: string, content: string, changes: Partial<FeedMessage> = {}): FeedEvent {
    conversation.lastSeq += 1;
    const message = { messageId: randomUUID(), conversationId: conversation.id, seq: conversation.lastSeq, senderId };
    const receiverId = conversation.members.find((member) => member.userId !== senderId)?.userId ?? null;
    const payload = { ...message, receiverId, content, clientMessageId: null, createdAt: new Date().toISOString() };
    return this.record('MessageCreated', conversation, { ...payload, replyToId: null, mentions: [], ...changes });
  }

  /** A change of the message of an event. */
  recordChange(type: FeedMessageType, conversation: ChatConversation, { payload }: FeedEvent, changes: Partial<FeedMessage>): FeedEvent {
    return this.record(type, conversation, { ...payload, ...changes });
  }

  recordConversation(conversation: ChatConversation): FeedEvent {
    const { id: conversationId, kind, title, members, createdAt } = conversation;
    const createdBy = members[0]?.userId ?? '';
    return this.record('ConversationCreated', conversation, { conversationId, kind, title, members, createdBy, createdAt });
  }

  /** It is published for all members; notification-service publishes it for this one. */
  recordMute(conversation: ChatConversation, userId: string, mutedUntil: string | null): FeedEvent {
    const payload = { conversationId: conversation.id, userId, mutedUntil, mutedAt: new Date().toISOString() };
    return this.record('ConversationMuted', conversation, payload);
  }

  recordTitle(conversation: ChatConversation, title: string): FeedEvent {
    const payload = {
      conversationId: conversation.id,
      title,
      updatedBy: conversation.members[0]?.userId,
      updatedAt: new Date().toISOString(),
    };
    return this.record('ConversationUpdated', conversation, payload);
  }

  recordMembers(conversation: ChatConversation, { added = [], removed = [] }: { added?: string[]; removed?: string[] }): FeedEvent {
    const changed = {
      added: added.map((userId) => ({ userId, role: 'MEMBER' })),
      removed,
      changedRoles: [],
      lastSeq: conversation.lastSeq,
    };
    const payload = { conversationId: conversation.id, ...changed, changedBy: added[0] ?? removed[0], changedAt: new Date().toISOString() };
    return this.record('MembersChanged', conversation, payload);
  }

  recordReceipts(conversation: ChatConversation, userId: string, seq: number): FeedEvent {
    const receipts = { userId, lastReadSeq: seq, lastDeliveredSeq: seq };
    const payload = { conversationId: conversation.id, ...receipts, advancedAt: new Date().toISOString() };
    return this.record('ReceiptsAdvanced', conversation, payload);
  }

  /** As after so many events of other conversations in the partition of this one. */
  skip(conversation: ChatConversation, offsets: number): void {
    const partition = partitionOf(conversation.id);
    this.lastOffsets[partition] = (this.lastOffsets[partition] as number) + offsets;
  }

  /** As after the loss of all data: positions are assigned again from the start. */
  reset(): void {
    this.events.length = 0;
    this.lastOffsets.fill(-1);
  }

  async publish(...events: FeedEvent[]): Promise<void> {
    const pipeline = this.redis.pipeline();
    for (const event of events)
      for (const { userId } of this.conversations.get(event.conversationId)?.members ?? [])
        pipeline.publish(channels.user(userId), encodeLiveFeedEvent(event));
    await pipeline.exec();
  }

  private record(type: FeedEvent['type'], { id: conversationId }: ChatConversation, payload: object): FeedEvent {
    const partition = partitionOf(conversationId);
    const offset = (this.lastOffsets[partition] = (this.lastOffsets[partition] as number) + 1);
    const event = { epoch: this.epoch, partition, offset, type, eventId: randomUUID(), conversationId, payload } as FeedEvent;
    this.events.push(event);
    return event;
  }

  endPosition(): FeedPosition {
    return { epoch: this.epoch, offsets: [...this.lastOffsets] };
  }

  private replay(after: FeedPosition, limit: number, userId: string): FeedPage {
    if (after.epoch !== this.epoch) return { recovered: false, events: [], position: this.endPosition(), done: true };
    const newer = this.events.filter((event) => event.offset > (after.offsets[event.partition] ?? -1));
    const page = newer.slice(0, limit);
    const offsets = [...after.offsets];
    for (const { partition, offset } of page) offsets[partition] = offset;
    const events = page.filter((event) => isMember(this.conversations.get(event.conversationId), userId));
    return { recovered: true, events, position: { epoch: this.epoch, offsets }, done: page.length === newer.length };
  }
}

function partitionOf(conversationId: string): number {
  return conversationId.charCodeAt(0) % PARTITIONS;
}
