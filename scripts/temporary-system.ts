import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ignoreErrorsAfter, stopSignal, untilAborted } from './processes/stop-request.ts';
import { startSystem, type System, type SystemOptions } from './system.ts';

export interface TemporarySystemOptions extends Pick<SystemOptions, 'env'> {
  /** Default: `startSystem`; for a system that is started in a special way, such as on one core. */
  start?: (options: SystemOptions) => Promise<System>;
}

/**
 * Runs `work` with a system of its own, with new data on free ports. The system and its data are gone afterwards, also after an error or a
 * Ctrl-C, after which `work` is not waited for. Call it in `main`, which ends the process.
 */
export async function withTemporarySystem(
  { env, start = startSystem }: TemporarySystemOptions,
  work: (system: System) => Promise<void>,
): Promise<void> {
  const signal = stopSignal();
  ignoreErrorsAfter(signal);
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'chat-bench-'));
  try {
    const system = await start({ dataDir, logDir: path.join(dataDir, 'logs'), ports: 'free', env, signal });
    try {
      await Promise.race([work(system), untilAborted(signal)]);
    } finally {
      await system.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
