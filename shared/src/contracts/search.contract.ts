import type { ChatMessage } from './chat.contract.js';

/** `POST /chat/messages/search`. */
export interface SearchMessagesRequest {
  /** 1 to 100 characters: a part of the text of the messages. */
  query: string;
  conversationId?: string;
  senderId?: string;
  limit?: number;
  /** The nextCursor of the page before. */
  after?: string;
}

/** The answer of `POST /chat/messages/search`, newest first. */
export interface SearchPage {
  data: ChatMessage[];
  /** Null if there are no more messages. A page may be shorter than the limit and have one. */
  nextCursor: string | null;
}
