import type { LogPosition } from '@chat/shared/contracts';
import type { RecordedEvent } from './feed-event.js';

/** The progress of live delivery in one partition of the feed's log. */
export interface LivePartition {
  readonly number: number;
  /** All events up to here are published. Null: the stored checkpoint decides where to continue. */
  published: LogPosition | null;
  /** The checkpoint as this process last stored or read it. */
  checkpoint: LogPosition | null;
  /**
   * Its events are deferred: the loop reads them from the feed until it has caught up. This is so when the partition is assigned to this
   * process, because this process or the previous one may have crashed between a commit and its publication; when a publication failed;
   * when the connection to Redis was lost; and when the queue in memory is full.
   */
  lagging: boolean;
  /** The number of events that were deferred to the feed; a change means that catching up has to read once more. */
  deferred: number;
}

export class LivePartitions {
  readonly #partitions = new Map<number, LivePartition>();

  /** A partition that was not assigned is lagging, so that its checkpoint is read before any of its events is published. */
  get(number: number): LivePartition {
    return this.#partitions.get(number) ?? this.reset(number);
  }

  /** The partition starts again at its stored checkpoint. */
  reset(number: number): LivePartition {
    const partition = { number, published: null, checkpoint: null, lagging: true, deferred: 0 };
    this.#partitions.set(number, partition);
    return partition;
  }

  markAllLagging(): void {
    for (const partition of this.#partitions.values()) partition.lagging = true;
  }

  /** All partitions continue from their stored checkpoints. */
  returnToCheckpoints(): void {
    for (const partition of this.#partitions.values()) partition.published = null;
    this.markAllLagging();
  }

  firstLagging(): LivePartition | undefined {
    return [...this.#partitions.values()].find(({ lagging }) => lagging);
  }

  get laggingCount(): number {
    return [...this.#partitions.values()].filter(({ lagging }) => lagging).length;
  }

  advance({ event }: RecordedEvent): void {
    this.get(event.partition).published = positionOf(event);
  }

  /** The positions that are ahead of the stored checkpoints. */
  positionsToStore(): LogPosition[] {
    return [...this.#partitions.values()].flatMap(({ published, checkpoint }) =>
      published === null || published.offset < 0 || isSame(published, checkpoint) ? [] : [published],
    );
  }

  confirmStored(positions: LogPosition[]): void {
    for (const position of positions) {
      const partition = this.#partitions.get(position.partition);
      if (partition) partition.checkpoint = position;
    }
  }
}

/** Catching up may have published an event before its commit was reported to this process. */
export function isPublished(event: LogPosition, { published }: LivePartition): boolean {
  return published !== null && (event.epoch < published.epoch || (event.epoch === published.epoch && event.offset <= published.offset));
}

export function positionOf({ epoch, partition, offset }: LogPosition): LogPosition {
  return { epoch, partition, offset };
}

function isSame(a: LogPosition, b: LogPosition | null): boolean {
  return b !== null && a.epoch === b.epoch && a.offset === b.offset;
}
