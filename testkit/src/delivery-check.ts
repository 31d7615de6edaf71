import type { StreamItem } from './event-stream.ts';

/** The comparison of the delivered messages with the acknowledged ones. */
export interface DeliveryReport {
  acknowledged: number;
  delivered: number;
  lost: string[];
  doubled: string[];
  outOfOrder: string[];
  /** Those of `outOfOrder` whose seq is not above the one before; the others are gaps. */
  backwards: string[];
  /** Delivered messages without an acknowledgement: they were stored, but the answer was lost. This is no fault. */
  unacknowledged: number;
}

interface Acknowledged {
  id: string;
  conversationId: string;
  seq: number;
}

/**
 * Compares one stream with the messages that were acknowledged in the conversations of its user.
 * Each must have arrived once; within a conversation `seq` must rise by one from item to item.
 */
export function checkDelivery(
  acknowledged: Acknowledged[],
  items: StreamItem[],
  firstSeqs: Map<string, number> = new Map(),
): DeliveryReport {
  const times = new Map<string, number>();
  const lastSeq = new Map<string, number>();
  const outOfOrder: string[] = [];
  const backwards: string[] = [];
  for (const item of items) {
    const message = item.message;
    if (item.__typename !== 'MessageCreated' || !message) continue;
    times.set(message.id, (times.get(message.id) ?? 0) + 1);
    const before = lastSeq.get(message.conversationId) ?? (firstSeqs.get(message.conversationId) ?? 1) - 1;
    if (message.seq !== before + 1) outOfOrder.push(`${message.conversationId}: seq ${message.seq} after ${before}`);
    if (message.seq <= before) backwards.push(outOfOrder.at(-1)!);
    lastSeq.set(message.conversationId, message.seq);
  }
  const ids = new Set(acknowledged.map((m) => m.id));
  return {
    acknowledged: ids.size,
    delivered: times.size,
    lost: [...ids].filter((id) => !times.has(id)),
    doubled: [...times].filter(([, n]) => n > 1).map(([id, n]) => `${id} ×${n}`),
    outOfOrder,
    backwards,
    unacknowledged: [...times.keys()].filter((id) => !ids.has(id)).length,
  };
}

/** True when nothing was lost, doubled or out of order. */
export function isClean(report: DeliveryReport): boolean {
  return report.lost.length === 0 && report.doubled.length === 0 && report.outOfOrder.length === 0;
}
