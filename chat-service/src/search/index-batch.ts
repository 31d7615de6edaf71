import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { searchText, SEPARATOR } from '@chat/shared/search';
import { addGrams, idGram, SEARCH_RULE } from './grams.js';

/** Messages of a conversation in one row of the index: fewer make the index larger, more make more blocks look as if they had a text. */
export const BLOCK_SIZE = 32;
/** Characters of messages after which the other work of the process has its turn. */
const CHARACTERS_AT_ONCE = 8000;

/** A message of a window, as sql/unindexed_messages.sql returns it. */
export interface UnindexedRow {
  conversation_id: string;
  from_seq: number;
  to_seq: number;
  seq: number;
  sender_id: string;
  created_at: Date;
  /** Null for a tombstone. */
  content: string | null;
  row_version: string;
}

interface Window {
  conversationId: string;
  fromSeq: number;
  toSeq: number;
  messages: (UnindexedRow & { text: string | null })[];
}

interface Block {
  conversationId: string;
  number: number;
  oldestAt: Date;
  newestAt: Date;
  /** One for each seq of the block, empty for a tombstone. */
  texts: string[];
  grams: Set<number>;
}

const blockOf = (seq: number) => Math.floor((seq - 1) / BLOCK_SIZE);

/** Waits until the other work of the process had its turn, each time after so many characters. */
export function turnsForOthers(): (text: string | null) => Promise<void> {
  let characters = 0;
  return async (text) => {
    characters += text?.length ?? 0;
    if (characters < CHARACTERS_AT_ONCE) return;
    characters = 0;
    await yieldToOthers();
  };
}

/** The arguments of sql/index_messages.sql for these rows. `isCut`: there are more rows, so the last window may not be complete. */
export async function indexBatch(rows: UnindexedRow[], isCut: boolean): Promise<unknown[]> {
  const turn = turnsForOthers();
  const windows = windowsOf(rows, isCut);
  const blocks: Block[] = [];
  for (const window of windows) {
    for (const message of window.messages) {
      message.text = message.content === null ? null : searchText(message.content);
      await turn(message.content);
    }
    blocks.push(...(await blocksOf(window, turn)));
  }
  const inBlocks = new Set(blocks.map((block) => `${block.conversationId} ${block.number}`));
  const messages = windows.flatMap((window) =>
    window.messages.map((message) =>
      inBlocks.has(`${window.conversationId} ${blockOf(message.seq)}`) ? { ...message, text: null } : message,
    ),
  );
  return [
    SEARCH_RULE,
    windows.map((window) => window.conversationId),
    windows.map((window) => window.fromSeq),
    windows.map((window) => window.toSeq),
    windows.map((window) => window.messages.map((message) => message.row_version).join(',')),
    messages.map((message) => message.conversation_id),
    messages.map((message) => message.seq),
    messages.map((message) => message.text),
    blocks.map((block) => block.conversationId),
    blocks.map((block) => block.number),
    blocks.map((block) => block.number * BLOCK_SIZE + 1),
    blocks.map((block) => block.oldestAt.toISOString()),
    blocks.map((block) => block.newestAt.toISOString()),
    blocks.map((block) => block.texts.join(SEPARATOR)),
    blocks.map((block) => `{${[...block.grams].join(',')}}`),
  ];
}

/** A window that is not complete is left for the next call, unless it is the only one: then it is a long one, and its beginning is indexed. */
function windowsOf(rows: UnindexedRow[], isCut: boolean): Window[] {
  const groups = [...Map.groupBy(rows, (row) => `${row.conversation_id} ${row.from_seq}`).values()];
  if (isCut && groups.length > 1) groups.pop();
  return groups.map((group) => {
    const { conversation_id: conversationId, from_seq: fromSeq, to_seq: toSeq } = group[0]!;
    const messages = group.map((row) => ({ ...row, text: null }));
    return { conversationId, fromSeq, toSeq: isCut && groups.length === 1 ? group.at(-1)!.seq : toSeq, messages };
  });
}

/** The complete blocks of a window. */
async function blocksOf(
  { conversationId, fromSeq, toSeq, messages }: Window,
  turn: (text: string | null) => Promise<void>,
): Promise<Block[]> {
  const blocks: Block[] = [];
  for (const [number, ofBlock] of Map.groupBy(messages, ({ seq }) => blockOf(seq))) {
    if (number * BLOCK_SIZE + 1 < fromSeq || (number + 1) * BLOCK_SIZE > toSeq) continue;
    const grams = new Set<number>();
    const texts = Array.from({ length: BLOCK_SIZE }, () => '');
    for (const { seq, text, sender_id: senderId } of ofBlock) {
      if (text === null) continue;
      texts[seq - number * BLOCK_SIZE - 1] = text;
      grams.add(idGram(conversationId)).add(idGram(senderId));
      addGrams(grams, text);
      await turn(text);
    }
    blocks.push({ conversationId, number, oldestAt: ofBlock[0]!.created_at, newestAt: ofBlock.at(-1)!.created_at, texts, grams });
  }
  return blocks;
}
