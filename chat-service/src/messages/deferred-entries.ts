import { type Backoff, backoffMs } from '@chat/shared/async';

/** Between attempts to get a lock that another transaction holds. */
const LOCK_BACKOFF: Backoff = { firstMs: 5, maxMs: 200, jitter: 0.25 };
/** Of the lists that wait for a lock, so many are tried in one batch: they take little of its room and time. */
const MAX_PROBES = 16;

/** What GroupCommit keeps of an item. */
export interface Deferrable {
  reject(error: unknown): void;
  lateAt: number;
}

/** Entries that wait for one condition, in their order. */
interface List<Entry> {
  keys: Set<string>;
  entries: Entry[];
  failedProbes: number;
  /** Whether the condition is a lock: then the first entry is tried alone before the others. */
  waitsForLock: boolean;
}

export interface DeferredEntriesOptions<Entry> {
  /** Entries that share a key keep their order. An entry may get further keys later, see `reindex`. */
  keysOf(entry: Entry): string[];
  maxEntries: number;
  full(): Error;
  /** The error of an entry that was not started by its deadline. */
  late(): Error;
  /** There are entries to take, or no entries any more. */
  onChange(): void;
}

/** The deferred items of a GroupCommit, in lists: each list waits for a promise or for a lock, and later items with one of its keys wait behind it. */
export class DeferredEntries<Entry extends Deferrable> {
  readonly #lists = new Set<List<Entry>>();
  readonly #byKey = new Map<string, List<Entry>>();
  readonly #probes = new Map<Entry, List<Entry>>();
  #ready: List<Entry>[] = [];
  #count = 0;

  constructor(private readonly options: DeferredEntriesOptions<Entry>) {}

  get count(): number {
    return this.#count;
  }

  get isEmpty(): boolean {
    return this.#lists.size === 0;
  }

  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  /** The first entry of each list. */
  firsts(): Entry[] {
    return [...this.#lists].flatMap(({ entries }) => entries.slice(0, 1));
  }

  /** Call it when entries may have got further keys. */
  reindex(): void {
    for (const list of this.#lists) for (const entry of list.entries.slice(0, 1)) this.#index(list, entry);
  }

  /** Defers an entry that shares a key with a list; false for any other. */
  addBehind(entry: Entry): boolean {
    if (this.isEmpty || this.#probes.has(entry)) return false;
    const list = this.#listOf(entry);
    if (list) this.#push(list, entry);
    return list !== undefined;
  }

  /** Defers an entry until the promise resolves, or, without one, until its lock was released. If the promise rejects, the whole list fails. */
  defer(entry: Entry, until: Promise<void> | null): void {
    const probed = this.#probes.get(entry);
    if (probed) {
      this.#probes.delete(entry);
      if (entry.lateAt > performance.now()) probed.entries.unshift(entry);
      else {
        entry.reject(this.options.late());
        this.#count--;
      }
      return this.#wait(probed, until);
    }
    if (this.addBehind(entry)) return;
    const list: List<Entry> = { keys: new Set(), entries: [], failedProbes: 0, waitsForLock: false };
    this.#lists.add(list);
    this.#index(list, entry);
    this.#push(list, entry);
    this.#wait(list, until);
  }

  /** An entry was answered. If it was the first of a list that waits for a lock, the others of the list follow. */
  answered(entry: Entry): void {
    const list = this.#probes.get(entry);
    if (!list) return;
    this.#probes.delete(entry);
    this.#count--;
    list.waitsForLock = false;
    this.#becomeReady(list);
  }

  /** The entries whose condition is met, in the order of each list. */
  take(): Entry[] {
    const taken: Entry[] = [];
    const later: List<Entry>[] = [];
    let probes = 0;
    for (const list of this.#ready) {
      if (!list.waitsForLock || list.entries.length === 0) {
        taken.push(...list.entries);
        this.#remove(list);
      } else if (++probes <= MAX_PROBES) {
        const first = list.entries.shift()!;
        this.#probes.set(first, list);
        taken.push(first);
      } else later.push(list);
    }
    this.#ready = later;
    return taken;
  }

  rejectLate(now: number): void {
    for (const list of this.#lists) {
      const inTime = list.entries.filter(({ lateAt }) => lateAt > now);
      for (const entry of list.entries) if (entry.lateAt <= now) entry.reject(this.options.late());
      this.#count -= list.entries.length - inTime.length;
      list.entries = inTime;
    }
  }

  #listOf(entry: Entry): List<Entry> | undefined {
    for (const key of this.options.keysOf(entry)) {
      const list = this.#byKey.get(key);
      if (list) return list;
    }
    return undefined;
  }

  #index(list: List<Entry>, entry: Entry): void {
    for (const key of this.options.keysOf(entry)) {
      if (this.#byKey.has(key)) continue;
      this.#byKey.set(key, list);
      list.keys.add(key);
    }
  }

  #push(list: List<Entry>, entry: Entry): void {
    if (this.#count >= this.options.maxEntries) return entry.reject(this.options.full());
    this.#count++;
    list.entries.push(entry);
  }

  #wait(list: List<Entry>, until: Promise<void> | null): void {
    list.waitsForLock = until === null;
    if (until)
      until.then(
        () => this.#becomeReady(list),
        (error: unknown) => {
          for (const entry of list.entries) entry.reject(error);
          this.#remove(list);
          this.options.onChange();
        },
      );
    else setTimeout(() => this.#becomeReady(list), backoffMs(list.failedProbes++, LOCK_BACKOFF));
  }

  #becomeReady(list: List<Entry>): void {
    this.#ready.push(list);
    this.options.onChange();
  }

  #remove(list: List<Entry>): void {
    this.#count -= list.entries.length;
    this.#lists.delete(list);
    for (const key of list.keys) this.#byKey.delete(key);
  }
}
