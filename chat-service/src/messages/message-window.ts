import type { MessagesQuery } from '@chat/shared/contracts';

/** The seqs from `low` to `high`, both included; empty when high < low. */
export interface SeqWindow {
  low: number;
  high: number;
}

/** The seqs of a page of messages. Seqs are dense, so a page is found by arithmetic, and its cost does not depend on how old it is. */
export function messageWindow(lastSeq: number, query: Omit<MessagesQuery, 'conversationId'>): SeqWindow {
  const { page = 1, limit = 50, beforeSeq, afterSeq, aroundSeq } = query;
  if (beforeSeq !== undefined) {
    const high = Math.min(beforeSeq - 1, lastSeq);
    return within(lastSeq, high - limit + 1, high);
  }
  if (afterSeq !== undefined) return within(lastSeq, afterSeq + 1, afterSeq + limit);
  if (aroundSeq !== undefined) {
    const low = aroundSeq - Math.floor((limit - 1) / 2);
    return within(lastSeq, low, low + limit - 1);
  }
  const high = lastSeq - (page - 1) * limit;
  return within(lastSeq, high - limit + 1, high);
}

function within(lastSeq: number, low: number, high: number): SeqWindow {
  return { low: Math.min(Math.max(low, 1), lastSeq + 1), high: Math.min(Math.max(high, 0), lastSeq) };
}

/** Whether there are messages before and after a window. */
export function neighbours(lastSeq: number, { low, high }: SeqWindow): { hasOlder: boolean; hasNewer: boolean } {
  return { hasOlder: low > 1, hasNewer: high < lastSeq };
}
