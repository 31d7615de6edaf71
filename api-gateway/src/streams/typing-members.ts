import type { Typing } from '@chat/shared/contracts';

/** After the last `true`. A client that is gone reports no `false`. */
export const TYPING_EXPIRES_MS = 6000;

/** The members of one conversation that are typing, as one subscription knows them: each change once, and an end for each begin. */
export class TypingMembers {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(private readonly onChange: (userId: string, typing: boolean) => void) {}

  receive({ userId, typing }: Typing): void {
    const timer = this.#timers.get(userId);
    clearTimeout(timer);
    if (typing) {
      this.#timers.set(
        userId,
        setTimeout(() => this.#end(userId), TYPING_EXPIRES_MS),
      );
      if (!timer) this.onChange(userId, true);
    } else if (timer) this.#end(userId);
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #end(userId: string): void {
    this.#timers.delete(userId);
    this.onChange(userId, false);
  }
}
