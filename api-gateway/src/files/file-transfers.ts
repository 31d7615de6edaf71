import { AppError } from '@chat/shared/errors';

const RETRY_SECONDS = 5;

/** The files that clients send and load at present through this process. Their number is limited, also for each address. */
export class FileTransfers {
  readonly #ofAddresses = new Map<string, number>();
  #count = 0;

  constructor(private readonly limits: { total: number; perAddress: number }) {}

  /** Counts a transfer until the returned function is called; throws RATE_LIMITED or UNAVAILABLE if there are too many. */
  begin(address: string): () => void {
    const ofAddress = this.#ofAddresses.get(address) ?? 0;
    if (ofAddress >= this.limits.perAddress) throw busy('rate-limited', 'Too many files are being transferred from your address.');
    if (this.#count >= this.limits.total) throw busy('unavailable', 'Too many files are being transferred at present.');
    this.#count++;
    this.#ofAddresses.set(address, ofAddress + 1);
    let isCounted = true;
    return () => {
      if (!isCounted) return;
      isCounted = false;
      this.#count--;
      const left = this.#ofAddresses.get(address)! - 1;
      if (left === 0) this.#ofAddresses.delete(address);
      else this.#ofAddresses.set(address, left);
    };
  }
}

const busy = (kind: 'rate-limited' | 'unavailable', message: string) =>
  new AppError(kind, 'file/too-many-transfers', `${message} Try again in a moment.`, { details: { retryAfterSeconds: RETRY_SECONDS } });
