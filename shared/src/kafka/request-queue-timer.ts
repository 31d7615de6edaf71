import { createRequire } from 'node:module';

/** The part of kafkajs's request queue that is replaced here, and what it uses. */
interface RequestQueue {
  enforceRequestTimeout: boolean;
  requestTimeout: number;
  requestTimeoutIntervalId: NodeJS.Timeout | null;
  inflight: Map<number, { sentAt: number; requestTimeout: number; timeoutRequest(): void }>;
  isConnected(): boolean;
  destroy(): void;
  scheduleRequestTimeoutCheck(): void;
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

const CHECK_INTERVAL_MS = 10;
const TIMEOUT_CHECK_INTERVAL_MS = 1000;

/**
 * kafkajs 2.2.4 arms a timer after each response of a broker, also when no request waits, and with a negative delay when the broker does
 * not throttle. Node takes that for 1 ms, so an idle connection wakes up its process over a thousand times a second, and Node prints
 * TimeoutNegativeWarning. With this, only a request that waits arms the timer; the order and the pace of requests stay the same.
 */
const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue };

prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(this: RequestQueue): void {
  if (this.pending.length === 0 || this.throttleCheckTimeoutId) return;
  const throttledForMs = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledForMs > 0 ? throttledForMs : CHECK_INTERVAL_MS,
  );
};

/**
 * kafkajs looks ten times a second for requests without an answer, on each of the two connections of a consumer. They time out after many
 * seconds, so once a second is enough. For a shorter timeout the interval is as long as the timeout.
 */
prototype.scheduleRequestTimeoutCheck = function scheduleRequestTimeoutCheck(this: RequestQueue): void {
  if (!this.enforceRequestTimeout) return;
  this.destroy();
  this.requestTimeoutIntervalId = setInterval(
    () => {
      for (const request of this.inflight.values()) if (Date.now() - request.sentAt > request.requestTimeout) request.timeoutRequest();
      if (!this.isConnected()) this.destroy();
    },
    Math.min(this.requestTimeout, TIMEOUT_CHECK_INTERVAL_MS),
  );
};
