import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { EventPayloads } from '../../src/events/index.js';
import { appendToOutbox } from '../../src/outbox/index.js';

/** A message that a test publishes as MessageCreated. */
export interface Message {
  conversationId: string;
  seq: number;
  eventId?: string;
  content?: string;
}

export function payloadOf({ conversationId, seq, content = `message ${seq}` }: Message): EventPayloads['MessageCreated'] {
  return {
    messageId: randomUUID(),
    conversationId,
    seq,
    senderId: randomUUID(),
    receiverId: null,
    content,
    clientMessageId: null,
    createdAt: new Date().toISOString(),
    replyToId: null,
    mentions: [],
    attachments: [],
  };
}

export async function appendMessages(manager: EntityManager, ...messages: Message[]): Promise<void> {
  await appendToOutbox(
    manager,
    ...messages.map((message) => ({
      type: 'MessageCreated' as const,
      key: message.conversationId,
      payload: payloadOf(message),
      ...(message.eventId ? { eventId: message.eventId } : {}),
    })),
  );
}

/** Messages 1 to `count` of a new conversation. */
export function conversation(count: number, conversationId: string = randomUUID()): Message[] {
  return Array.from({ length: count }, (_, index) => ({ conversationId, seq: index + 1 }));
}

/** The seqs of each conversation, in the order in which they took effect. */
export function seqsByKey(effects: { key: string; seq: number }[]): Map<string, number[]> {
  const seqs = new Map<string, number[]>();
  for (const { key, seq } of effects) seqs.set(key, [...(seqs.get(key) ?? []), seq]);
  return seqs;
}

export function oneTo(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index + 1);
}

/** The seqs that conversations must have when each message had one effect, in order. */
export function allOf(conversations: Message[][]): Map<string, number[]> {
  return new Map(conversations.map((one) => [one[0]!.conversationId, oneTo(one.length)]));
}
