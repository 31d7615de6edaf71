import { Injectable } from '@nestjs/common';

/** The conversations in which this process has stored messages since the last `take`, for work that follows in the background. */
@Injectable()
export class StoredConversations {
  #ids = new Set<string>();
  /** Called after each message, so it must be cheap. */
  onAdded: () => void = () => undefined;

  add(conversationId: string): void {
    this.#ids.add(conversationId);
    this.onAdded();
  }

  take(): Iterable<string> {
    const ids = this.#ids;
    this.#ids = new Set();
    return ids;
  }
}
