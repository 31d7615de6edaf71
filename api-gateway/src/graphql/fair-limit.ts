import pLimit, { type LimitFunction } from 'p-limit';

/** Runs at most `max` jobs at a time, and at most `maxPerKey` of one key, so that the jobs of one key leave room for those of others. */
export class FairLimit {
  private readonly limit: LimitFunction;
  private readonly ofKeys = new Map<string, { limit: LimitFunction; jobs: number }>();

  constructor(
    max: number,
    private readonly maxPerKey: number,
  ) {
    this.limit = pLimit(max);
  }

  /** The outcome of the job. Jobs of one key start in the order of the calls. */
  async run<T>(key: string, job: () => Promise<T>): Promise<T> {
    const ofKey = this.ofKeys.get(key) ?? { limit: pLimit(this.maxPerKey), jobs: 0 };
    this.ofKeys.set(key, ofKey);
    ofKey.jobs += 1;
    try {
      return await ofKey.limit(() => this.limit(job));
    } finally {
      ofKey.jobs -= 1;
      if (ofKey.jobs === 0) this.ofKeys.delete(key);
    }
  }
}
