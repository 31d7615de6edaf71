import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { DatabaseConfig } from '../config/index.js';
import { connectionOptions } from './connection-options.js';

/** What to wait for, and how. */
export interface WaitForDatabaseParts {
  config: DatabaseConfig;
  /** Called after the first failure, and again whenever the reason changes. */
  onWaiting?: (reason: string, error: unknown) => void;
  /** Aborting it ends the wait with a rejection. */
  signal?: AbortSignal;
  intervalMs?: number;
}

/** Resolves as soon as PostgreSQL accepts a connection with this config; retries without end. */
export async function waitForDatabase({ config, onWaiting, signal, intervalMs = 500 }: WaitForDatabaseParts): Promise<void> {
  let lastReason: string | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const client = new Client(connectionOptions({ config, applicationName: 'wait' }));
    // Without a listener, a connection that breaks while it is closed would end the process.
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('select 1');
      return;
    } catch (error) {
      const reason = describe(error);
      if (reason !== lastReason) onWaiting?.(reason, error);
      lastReason = reason;
    } finally {
      await client.end().catch(() => {});
    }
    await sleep(intervalMs, undefined, signal ? { signal } : {});
  }
}

function describe(error: unknown): string {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: Error[] };
  return message || errors?.[0]?.message || code || 'no connection';
}
