import type { FeedEvent } from '@chat/shared/contracts';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Conversation } from '../chat/chat.types.js';
import { ChatClient } from '../clients/chat.client.js';

/** A conversation of 1,000 members has about 0.2 MB. */
const MAX_LOADED = 50;
/** Sockets get an event within moments of each other. What changes meanwhile without such an event has events of its own, which follow. */
const MAX_AGE_MS = 5000;

type ConversationOfMember = (userId: string) => Conversation | null;

/** A conversation that was requested when this event was known: it shows the event, and all before it. */
interface Load {
  epoch: number;
  offset: number;
  conversation: Promise<ConversationOfMember>;
}

/**
 * The conversations of events that do not have them: however many sockets of this process receive an event, live or from the feed, its conversation is loaded
 * once, for all members. A user that is not among its members at that moment gets nothing of it.
 */
@Injectable()
export class SharedConversations {
  private readonly loads = new LRUCache<string, Load>({ max: MAX_LOADED, ttl: MAX_AGE_MS });

  constructor(private readonly chat: ChatClient) {}

  /** The conversation as it is at the event or later; null if the user is not a member any more. */
  async load({ conversationId, epoch, offset }: FeedEvent, userId: string): Promise<Conversation | null> {
    let load = this.loads.get(conversationId);
    if (!load || load.epoch !== epoch || load.offset < offset) {
      load = { epoch, offset, conversation: this.request(conversationId) };
      this.loads.set(conversationId, load);
      const failed = load;
      load.conversation.catch(() => {
        // The next socket tries again.
        if (this.loads.get(conversationId) === failed) this.loads.delete(conversationId);
      });
    }
    return (await load.conversation)(userId);
  }

  private async request(conversationId: string): Promise<ConversationOfMember> {
    const conversation = await this.chat.getConversationForMembers(conversationId);
    const members = new Map(conversation.members.map((member) => [member.userId, member]));
    return (userId) => {
      const member = members.get(userId);
      if (!member) return null;
      const { unreadCount, mutedUntil, seesLastMessage } = member;
      const last = seesLastMessage ? {} : { lastMessage: null, lastMessageAt: null };
      return { ...conversation, ...last, unreadCount, mutedUntil };
    };
  }
}
