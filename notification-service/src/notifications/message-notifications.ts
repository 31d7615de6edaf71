/**
 * The rules of MESSAGE notifications, without I/O.
 *
 * Every message is one to each member but its sender. Unread ones of a conversation are folded: a reader has at most one
 * open (unread) notification per conversation, whose count rises and whose text is that of the newest message. Reading
 * up to a seq, or sending a message oneself, closes what is not newer. A closed one stays in the list as read.
 */

/** A notification as it is stored; `seq`, ids, text and time are those of the newest message that it stands for. */
export interface MessageNotification {
  id: string;
  userId: string;
  conversationId: string;
  messageId: string;
  senderId: string;
  seq: number;
  count: number;
  message: string;
  read: boolean;
  createdAt: string;
}

/** What is known of one member of one conversation before the events are applied. */
export interface Reader {
  conversationId: string;
  userId: string;
  /** Up to this seq nothing needs a notification. */
  readSeq: number;
  open: MessageNotification | null;
}

export interface MessageFact {
  kind: 'message';
  conversationId: string;
  messageId: string;
  seq: number;
  senderId: string;
  preview: string;
  createdAt: string;
  /** Who may see it, the sender included. */
  audience: Iterable<string>;
}

export interface ReadFact {
  kind: 'read';
  conversationId: string;
  userId: string;
  seq: number;
}

export interface NotificationChanges {
  /** New and changed notifications; those of one reader in the order in which they were opened. */
  notifications: MessageNotification[];
  /** The unread ones among them that a message opened or added to: what is worth a live signal. */
  raised: MessageNotification[];
  /** Readers whose `readSeq` rose. */
  readers: Reader[];
}

/** Applies messages and readings in the order of the log. Readers that are not in `readers` have no notifications. */
export function applyToNotifications(
  readers: Iterable<Reader>,
  facts: Iterable<MessageFact | ReadFact>,
  newId: () => string,
): NotificationChanges {
  const byKey = new Map<string, Reader>();
  for (const reader of readers)
    byKey.set(keyOf(reader.conversationId, reader.userId), { ...reader, open: reader.open && { ...reader.open } });
  const changed = new Set<MessageNotification>();
  const raised = new Set<MessageNotification>();
  const moved = new Set<Reader>();

  function readUpTo(reader: Reader | undefined, seq: number): void {
    if (!reader || seq <= reader.readSeq) return;
    reader.readSeq = seq;
    moved.add(reader);
    const { open } = reader;
    if (!open) return;
    if (open.seq <= seq) {
      open.read = true;
      reader.open = null;
      changed.add(open);
    } else if (open.count > open.seq - seq) {
      // seq is dense, and one's own messages are read by sending them: whatever lies between is unread.
      open.count = open.seq - seq;
      changed.add(open);
    }
  }

  function notify(reader: Reader | undefined, message: MessageFact): void {
    if (!reader || message.seq <= reader.readSeq) return;
    const isNewest = !reader.open || message.seq > reader.open.seq;
    reader.open ??= {
      id: newId(),
      userId: reader.userId,
      conversationId: reader.conversationId,
      messageId: '',
      senderId: '',
      seq: 0,
      count: 0,
      message: '',
      read: false,
      createdAt: '',
    };
    const { open } = reader;
    open.count++;
    if (isNewest) {
      const { messageId, senderId, seq, createdAt } = message;
      Object.assign(open, { messageId, senderId, seq, createdAt, message: message.preview });
    }
    changed.add(open);
    raised.add(open);
  }

  for (const fact of facts) {
    if (fact.kind === 'read') {
      readUpTo(byKey.get(keyOf(fact.conversationId, fact.userId)), fact.seq);
      continue;
    }
    readUpTo(byKey.get(keyOf(fact.conversationId, fact.senderId)), fact.seq);
    for (const userId of fact.audience) if (userId !== fact.senderId) notify(byKey.get(keyOf(fact.conversationId, userId)), fact);
  }
  return { notifications: [...changed], raised: [...raised].filter(({ read }) => !read), readers: [...moved] };
}

function keyOf(conversationId: string, userId: string): string {
  return conversationId + userId;
}
