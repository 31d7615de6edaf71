import { pipeline } from 'node:stream/promises';
import type { ContentSource } from './content-source.js';
import { wrongType } from './content.errors.js';

/** Tab, line feed, form feed and carriage return; of the other control characters, some change what a terminal does. */
const ALLOWED_CONTROLS = new Set([0x09, 0x0a, 0x0c, 0x0d]);

/** Throws unless the whole file is text: UTF-8 without control characters. HTML is text, too: it is delivered as text to download. */
export async function checkText(file: ContentSource): Promise<void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  await pipeline(await file.stream(), async (chunks: AsyncIterable<Buffer>) => {
    try {
      for await (const chunk of chunks) {
        if (chunk.some((byte) => (byte < 0x20 && !ALLOWED_CONTROLS.has(byte)) || byte === 0x7f)) throw notText();
        decoder.decode(chunk, { stream: true });
      }
      decoder.decode();
    } catch (error) {
      // TextDecoder throws a TypeError; any other error is one of the storage.
      throw error instanceof TypeError ? notText() : error;
    }
  });
}

const notText = () => wrongType('The file is not text in UTF-8. Save it as UTF-8 without control characters.');
