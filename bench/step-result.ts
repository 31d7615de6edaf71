/** One message, with the times (performance.now()) at which it was due, accepted and delivered. */
export interface Flight {
  /** When it was due, even if the load generator sent it later: latencies count from here. */
  dueAt: number;
  acceptedAt: number | null;
  /** When it arrived on the socket of the recipient. */
  deliveredAt: number | null;
  copies: number;
}

export interface StepResult {
  /** How long messages were sent. */
  seconds: number;
  /** It ended early: messages of three seconds were not answered or delivered. */
  isOverloaded: boolean;
  offeredPerSecond: number;
  acceptedPerSecond: number;
  sent: number;
  accepted: number;
  failed: number;
  delivered: number;
  lost: number;
  doubled: number;
  outOfOrder: number;
  /** Events that are no new messages, at all sockets together, where they are counted. */
  otherEvents?: number;
  acceptMs: number[];
  deliveryMs: number[];
  /** The reasons of failed sends, with their number. */
  failures: Map<string, number>;
}

type Counted = Pick<StepResult, 'isOverloaded' | 'outOfOrder' | 'failures' | 'otherEvents'>;

/** What became of the messages that were sent between two times. */
export function stepResult(flights: Flight[], startedAt: number, endedAt: number, counted: Counted): StepResult {
  const accepted = flights.filter((f) => f.acceptedAt !== null);
  const delivered = accepted.filter((f) => f.deliveredAt !== null);
  const seconds = (endedAt - startedAt) / 1000;
  return {
    ...counted,
    seconds,
    offeredPerSecond: flights.length / seconds,
    acceptedPerSecond: accepted.filter((f) => (f.acceptedAt ?? 0) <= endedAt).length / seconds,
    sent: flights.length,
    accepted: accepted.length,
    failed: flights.length - accepted.length,
    delivered: delivered.length,
    lost: accepted.length - delivered.length,
    doubled: flights.filter((f) => f.copies > 1).length,
    acceptMs: accepted.map((f) => (f.acceptedAt ?? 0) - f.dueAt),
    deliveryMs: delivered.map((f) => (f.deliveredAt ?? 0) - f.dueAt),
  };
}
