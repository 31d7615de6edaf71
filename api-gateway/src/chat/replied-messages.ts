import type { MessageForMembers, RequestToken } from '@chat/shared/contracts';
import DataLoader from 'dataloader';
import type { ChatClient } from '../clients/chat.client.js';

const MAX_PER_CALL = 500;

/**
 * Loads the messages to which others reply, as one user may see them. The first one that is needed is loaded with all others that are known, so a
 * page takes one call for each level of `replyTo` in the document, however many messages it has.
 */
export class RepliedMessages {
  private readonly loader: DataLoader<string, MessageForMembers | null>;
  private readonly known: Set<string>;
  private readonly requested = new Set<string>();

  constructor(
    private readonly chat: ChatClient,
    private readonly token: RequestToken,
    ids: Iterable<string> = [],
  ) {
    this.known = new Set(ids);
    this.loader = new DataLoader((wanted: readonly string[]) => this.request([...wanted]), { maxBatchSize: MAX_PER_CALL });
  }

  /** Null for a message that the user may not see. */
  load(messageId: string): Promise<MessageForMembers | null> {
    if (!this.requested.has(messageId)) this.requestKnown();
    this.requested.add(messageId);
    return this.loader.load(messageId);
  }

  private requestKnown(): void {
    for (const id of this.known) {
      this.requested.add(id);
      void this.loader.load(id).catch(() => undefined); // `load` returns the error to each field that needs the message
    }
    this.known.clear();
  }

  private async request(ids: string[]): Promise<(MessageForMembers | null)[]> {
    const messages = await this.chat.getMessagesByIds(ids, this.token);
    for (const { replyToId } of messages) if (replyToId !== null) this.known.add(replyToId);
    const found = new Map(messages.map((message) => [message.id, message]));
    return ids.map((id) => found.get(id) ?? null);
  }
}
