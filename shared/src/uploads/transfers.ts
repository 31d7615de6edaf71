import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../errors/index.js';
import { UploadSettings } from './upload-settings.js';
import { replacedByRetry, tooManyTransfers } from './uploads.errors.js';

/** Files that a process receives at a time, and those of one user. Twenty of them made the process 88 MB larger. */
const MAX_TRANSFERS = 64;
const MAX_TRANSFERS_PER_OWNER = 4;

interface Transfer {
  ownerId: string;
  replaced: AbortController;
}

/** The files that this process receives at present: their number is limited, also for each user, and so is the time of each. */
@Injectable()
export class Transfers {
  readonly #running = new Map<string, Transfer>();

  constructor(@Inject(UploadSettings) private readonly settings: UploadSettings) {}

  /**
   * Runs the job, which ends early when its signal is aborted: at the deadline, or because a transfer with the same id begins. A client that
   * sends a file again has given up the transfer before, whose connection may be dead.
   */
  async run<T>(id: string, ownerId: string, job: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const transfer = this.#begin(id, ownerId);
    const seconds = this.settings.config.uploadSeconds;
    const deadline = AbortSignal.timeout(seconds * 1000);
    try {
      return await job(AbortSignal.any([deadline, transfer.replaced.signal]));
    } catch (cause) {
      if (transfer.replaced.signal.aborted) throw replacedByRetry();
      if (deadline.aborted) throw new AppError('invalid', 'upload/too-slow', `The file did not arrive within ${seconds} s.`, { cause });
      throw cause;
    } finally {
      if (this.#running.get(id) === transfer) this.#running.delete(id);
    }
  }

  #begin(id: string, ownerId: string): Transfer {
    this.#running.get(id)?.replaced.abort();
    this.#running.delete(id);
    const ofOwner = [...this.#running.values()].filter((transfer) => transfer.ownerId === ownerId).length;
    if (this.#running.size >= MAX_TRANSFERS || ofOwner >= MAX_TRANSFERS_PER_OWNER) throw tooManyTransfers();
    const transfer = { ownerId, replaced: new AbortController() };
    this.#running.set(id, transfer);
    return transfer;
  }
}
