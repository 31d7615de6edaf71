import type { DatabaseConfig } from '@chat/shared/config';
import { createPool } from '@chat/shared/database';
import type { Pool } from 'pg';

/**
 * Recorder, replays and everything else have connections of their own: after a loss of Redis the streams of all gateways are replayed at once,
 * and recording and live delivery must not wait for that.
 */

/** The DataSource of the consumer and the live publisher. */
export const RECORDER_DATABASE = Symbol('database of the recorder');
/** The consumer has one batch or a few retries at a time; the publisher reads one page at a time. */
export const RECORDER_CONNECTIONS = 4;

/** The pool of replays. */
export const REPLAY_DATABASE = Symbol('database of replays');
const REPLAY_CONNECTIONS = 4;
/** Less than the 3 s after which the gateway gives up a page, so that no statement runs for nothing. */
const REPLAY_TIMEOUT_MS = 2500;

export function createReplayPool(config: DatabaseConfig): Pool {
  return createPool({
    config,
    schema: 'notification',
    applicationName: 'notification-replay',
    max: REPLAY_CONNECTIONS,
    settings: { statement_timeout: String(REPLAY_TIMEOUT_MS) },
  });
}
