import type { MessagesQuery } from '@chat/shared/contracts';

/** The seqs from `low` to `high`, both included; empty when high < low. */
export interface SeqWindow {
  low: number;
  high: number;
}

/** The seqs after `joinedSeq`, up to `lastSeq`: those that a member sees. */
export interface VisibleSeqs {
  joinedSeq: number;
  lastSeq: number;
}

/** The seqs of a page of messages. Seqs are dense, so a page is found by arithmetic, and its cost does not depend on how old it is. */
export function messageWindow(visible: VisibleSeqs, query: Omit<MessagesQuery, 'conversationId'>): SeqWindow {
  const { page = 1, limit = 50, beforeSeq, afterSeq, aroundSeq } = query;
  const { joinedSeq, lastSeq } = visible;
  if (beforeSeq !== undefined) {
    const high = Math.min(beforeSeq - 1, lastSeq);
    return within(visible, high - limit + 1, high);
  }
  if (afterSeq !== undefined) {
    const before = Math.max(afterSeq, joinedSeq);
    return within(visible, before + 1, before + limit);
  }
  if (aroundSeq !== undefined) {
    const low = aroundSeq - Math.floor((limit - 1) / 2);
    return within(visible, low, low + limit - 1);
  }
  const high = lastSeq - (page - 1) * limit;
  return within(visible, high - limit + 1, high);
}

function within({ joinedSeq, lastSeq }: VisibleSeqs, low: number, high: number): SeqWindow {
  return { low: Math.min(Math.max(low, joinedSeq + 1), lastSeq + 1), high: Math.min(Math.max(high, joinedSeq), lastSeq) };
}

/** Whether the member sees messages before and after a window. */
export function neighbours({ joinedSeq, lastSeq }: VisibleSeqs, { low, high }: SeqWindow): { hasOlder: boolean; hasNewer: boolean } {
  return { hasOlder: low > joinedSeq + 1, hasNewer: high < lastSeq };
}
