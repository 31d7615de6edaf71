/* The rules of the events of messages; see event-rules.ts. */

import { atLeast, id, listOf, optional, type Rule, text, time, validateFields } from './field-rules.js';

export function notToOneself({ senderId, receiverId }: { senderId: string; receiverId: string | null }): string | null {
  return senderId === receiverId ? 'senderId and receiverId are the same' : null;
}

/** The fields that every event of a message has. */
export function identityRules() {
  return {
    messageId: id,
    conversationId: id,
    seq: atLeast(1),
    senderId: id,
    receiverId: optional(id),
    clientMessageId: optional(text(1, 200)),
    createdAt: time,
  };
}

export function messageRules() {
  return { ...identityRules(), content: text(0, 100_000), replyToId: optional(id), mentions: listOf(id), attachments: attachmentsOf() };
}

export function reactionsOf(): Rule<{ emoji: string; userIds: string[]; count: number }[]> {
  const rules = { emoji: text(1, 200), userIds: listOf(id), count: atLeast(0) };
  return listOf((reaction, context) => validateFields(rules, reaction, context));
}

interface Attachment {
  id: string;
  kind: string;
  fileName: string;
  mimeType: string;
  sizeBytes: number;
  width: number | null;
  height: number | null;
  durationSeconds: number | null;
  waveform: number[] | null;
  createdAt: string;
}

function attachmentsOf(): Rule<Attachment[]> {
  const positive = optional(atLeast(0));
  const rules = {
    id,
    kind: text(1, 40),
    fileName: text(1, 400),
    mimeType: text(1, 400),
    sizeBytes: atLeast(0),
    width: positive,
    height: positive,
    durationSeconds: positive,
    waveform: optional(listOf(atLeast(0))),
    createdAt: time,
  };
  return listOf((attachment, context) => validateFields(rules, attachment, context));
}
