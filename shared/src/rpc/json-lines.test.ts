import { describe, expect, it } from 'vitest';
import { LineReader } from './json-lines.js';

describe('LineReader', () => {
  it('finds the lines however the bytes are split into chunks, also in the middle of a character', () => {
    const text = ['plain', '', 'ünïcödé 😀', 'x'.repeat(100), '{"a":1}'];
    const bytes = Buffer.from(text.join('\n') + '\n');
    for (const size of [1, 2, 3, 7, 64, bytes.length]) {
      const lines: string[] = [];
      const reader = new LineReader((line) => lines.push(line));
      for (let i = 0; i < bytes.length; i += size) expect(reader.push(bytes.subarray(i, i + size))).toBe(true);
      expect(lines).toEqual(text);
    }
  });

  it('rejects a line that is longer than the limit, in one chunk or in many', () => {
    const lines: string[] = [];
    expect(new LineReader((line) => lines.push(line), 10).push(Buffer.from('x'.repeat(11)))).toBe(false);
    expect(new LineReader((line) => lines.push(line), 10).push(Buffer.from('12345678901\n'))).toBe(false);
    const slow = new LineReader((line) => lines.push(line), 10);
    expect(slow.push(Buffer.from('12345678'))).toBe(true);
    expect(slow.push(Buffer.from('901'))).toBe(false);
    expect(lines).toEqual([]);
    expect(new LineReader((line) => lines.push(line), 10).push(Buffer.from('1234567890\n'))).toBe(true);
    expect(lines).toEqual(['1234567890']);
  });
});
