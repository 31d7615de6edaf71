export interface QueueBounds {
  items: number;
  /** The sum of the lengths of the texts of the items. */
  characters: number;
}

/** A first-in, first-out queue with a bound for the memory that it takes. */
export class BoundedQueue<T> {
  private entries: { item: T; characters: number }[] = [];
  private characters = 0;

  constructor(private readonly bounds: QueueBounds) {}

  /** False if the queue is full. An empty queue accepts an item of any length. */
  push(item: T, characters: number): boolean {
    const { entries, bounds } = this;
    if (entries.length >= bounds.items || (entries.length > 0 && this.characters + characters > bounds.characters)) return false;
    entries.push({ item, characters });
    this.characters += characters;
    return true;
  }

  shift(): T | undefined {
    const entry = this.entries.shift();
    if (!entry) return undefined;
    this.characters -= entry.characters;
    return entry.item;
  }

  clear(): void {
    this.entries = [];
    this.characters = 0;
  }
}
