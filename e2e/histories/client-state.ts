import type { Snapshot, SnapshotMessage } from './snapshot.ts';

/** An item of `events` with the fields that `EVENTS` selects. */
export interface ClientEvent {
  __typename: string;
  cursor: string;
  recovered?: boolean;
  message?: SnapshotMessage & { conversationId: string };
  conversation?: Omit<Snapshot, 'messages'>;
  remaining?: Omit<Snapshot, 'messages'> | null;
  conversationId?: string;
  userId?: string;
  lastReadSeq?: number;
  lastDeliveredSeq?: number;
  removed?: string[];
}

export const EVENT_TYPES = [
  'MessageCreated',
  'MessageUpdated',
  'MessageDeleted',
  'ReactionsChanged',
  'ReceiptsAdvanced',
  'ConversationCreated',
  'ConversationUpdated',
  'MembersChanged',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** The id of the conversation that an event is about; undefined for StreamOpened. */
export function conversationOf(event: ClientEvent): string | undefined {
  return event.message?.conversationId ?? event.conversation?.id ?? event.conversationId;
}

/**
 * What a client knows of one conversation that it has never loaded: only what the events of its stream told it. Events have absolute values, and a
 * replayed one the values of now, so applying one twice, or an older one after a newer value, changes nothing.
 */
export class ClientState {
  /** Null while the user is not a member. */
  conversation: Omit<Snapshot, 'messages'> | null = null;
  readonly messages = new Map<number, SnapshotMessage>();
  readonly #userId: string;
  readonly #dropped: EventType | undefined;

  /** Events of the type `dropped` are ignored, which must be noticed. */
  constructor(userId: string, dropped?: EventType) {
    this.#userId = userId;
    this.#dropped = dropped;
  }

  apply(event: ClientEvent): void {
    if (event.__typename === this.#dropped) return;
    if (event.message) this.#applyMessage(event.__typename, event.message);
    else if (event.__typename === 'ReceiptsAdvanced') this.#advance(event.userId!, event.lastReadSeq!, event.lastDeliveredSeq!);
    else if (event.__typename === 'MembersChanged' && event.removed!.includes(this.#userId)) this.#leave();
    else if (event.remaining ?? event.conversation) this.#replace((event.remaining ?? event.conversation)!);
  }

  /** As a query would answer now; null for a conversation of which the user is not a member. */
  snapshot(): Snapshot | null {
    if (!this.conversation) return null;
    const messages = [...this.messages.values()].toSorted((a, b) => a.seq - b.seq);
    const lastRead = this.conversation.members.find(({ userId }) => userId === this.#userId)?.lastReadSeq ?? 0;
    const unreadCount = messages.filter((m) => m.seq > lastRead && m.senderId !== this.#userId && m.deletedAt === null).length;
    return { ...this.conversation, unreadCount, messages };
  }

  #applyMessage(type: string, message: NonNullable<ClientEvent['message']>): void {
    if (!this.conversation) return;
    const { conversationId: _, ...shown } = message;
    this.messages.set(message.seq, shown);
    if (type !== 'MessageCreated') return;
    this.conversation.lastSeq = Math.max(this.conversation.lastSeq, message.seq);
    this.#advance(message.senderId, message.seq, message.seq);
  }

  /** Receipts only increase, as long as the user is a member. */
  #advance(userId: string, lastReadSeq: number, lastDeliveredSeq: number): void {
    const member = this.conversation?.members.find((m) => m.userId === userId);
    if (!member) return;
    member.lastReadSeq = Math.max(member.lastReadSeq, lastReadSeq);
    member.lastDeliveredSeq = Math.max(member.lastDeliveredSeq, lastDeliveredSeq);
  }

  /** Members, title and receipts of the event; the newest message is known by its own event. */
  #replace(conversation: Omit<Snapshot, 'messages'>): void {
    const lastSeq = this.conversation?.lastSeq ?? conversation.lastSeq;
    this.conversation = { ...structuredClone(conversation), lastSeq };
  }

  #leave(): void {
    this.conversation = null;
    this.messages.clear();
  }
}
