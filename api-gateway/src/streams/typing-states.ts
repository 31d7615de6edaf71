import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

/** A client repeats `true` while its user types. Less than the time after which other clients take the user as not typing. */
const REPEAT_MS = 2500;
const MAX_STATES = 50_000;

/** What users have last reported in each conversation: a repetition within 2.5 s is not published again. */
@Injectable()
export class TypingStates {
  readonly #reported = new LRUCache<string, { typing: boolean; atMs: number; done: Promise<void> }>({ max: MAX_STATES });

  /** Calls `publish` unless the same was published a moment ago; rejects as it does. */
  set(userId: string, conversationId: string, typing: boolean, publish: () => Promise<void>): Promise<void> {
    const key = userId + conversationId;
    const reported = this.#reported.get(key);
    const atMs = performance.now();
    if (reported?.typing === typing && atMs - reported.atMs < REPEAT_MS) return reported.done;
    const state = { typing, atMs, done: publish() };
    this.#reported.set(key, state);
    state.done.catch(() => {
      if (this.#reported.get(key) === state) this.#reported.delete(key);
    });
    return state.done;
  }
}
