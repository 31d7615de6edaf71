/** Bytes that the queues of one socket share. */
export interface ByteBudget {
  /** Takes the bytes, until `release`; false if there are not so many. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

export interface QueueBounds {
  items: number;
  /** The sum of the lengths of the texts of the items. */
  characters: number;
}

/** What an item takes beside its text. */
const OVERHEAD_BYTES = 64;

/** A first-in, first-out queue with a bound for the memory that it takes, also of what it shares with other queues. */
export class BoundedQueue<T> {
  private entries: { item: T; characters: number }[] = [];
  private characters = 0;

  constructor(
    private readonly bounds: QueueBounds,
    private readonly budget: ByteBudget,
  ) {}

  /** False if the queue is full or its budget is used up. An empty queue accepts an item of any length for which there is budget. */
  push(item: T, characters: number): boolean {
    const { entries, bounds } = this;
    if (entries.length >= bounds.items || (entries.length > 0 && this.characters + characters > bounds.characters)) return false;
    if (!this.budget.reserve(characters + OVERHEAD_BYTES)) return false;
    entries.push({ item, characters });
    this.characters += characters;
    return true;
  }

  shift(): T | undefined {
    const entry = this.entries.shift();
    if (!entry) return undefined;
    this.characters -= entry.characters;
    this.budget.release(entry.characters + OVERHEAD_BYTES);
    return entry.item;
  }

  clear(): void {
    this.budget.release(this.characters + this.entries.length * OVERHEAD_BYTES);
    this.entries = [];
    this.characters = 0;
  }
}
