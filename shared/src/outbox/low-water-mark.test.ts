import { describe, expect, it } from 'vitest';
import { LowWaterMark } from './low-water-mark.js';

describe('the low-water mark', () => {
  it('rises only when every transaction of an earlier read has ended, and to what that read saw', () => {
    const mark = new LowWaterMark();
    mark.noteRead({ xmin: 100n, xmax: 105n, highestId: 50, wasCut: false });
    expect(mark.value).toBe(0);
    // 104 is still open and may hold an id below 50.
    mark.noteRead({ xmin: 104n, xmax: 110n, highestId: 60, wasCut: false });
    expect(mark.value).toBe(0);
    mark.noteRead({ xmin: 105n, xmax: 120n, highestId: 70, wasCut: false });
    expect(mark.value).toBe(50);
  });

  it('does not rise past what a read that ended at its limit has seen', () => {
    const mark = new LowWaterMark();
    mark.noteRead({ xmin: 100n, xmax: 105n, highestId: 50, wasCut: false });
    mark.noteRead({ xmin: 110n, xmax: 110n, highestId: 20, wasCut: true });
    expect(mark.value).toBe(20);
  });

  it('stays while a transaction is open, however many reads there are', () => {
    const mark = new LowWaterMark();
    for (let read = 0n; read < 100n; read++) mark.noteRead({ xmin: 7n, xmax: 10n + read, highestId: Number(read) + 1, wasCut: false });
    expect(mark.value).toBe(0);
  });

  it('goes on rising over reads that find nothing', () => {
    const mark = new LowWaterMark();
    mark.noteRead({ xmin: 5n, xmax: 5n, highestId: 9, wasCut: false });
    mark.noteRead({ xmin: 6n, xmax: 6n, highestId: undefined, wasCut: false });
    expect(mark.value).toBe(9);
  });

  it('begins from the bottom after a reset', () => {
    const mark = new LowWaterMark();
    mark.noteRead({ xmin: 5n, xmax: 5n, highestId: 9, wasCut: false });
    mark.noteRead({ xmin: 6n, xmax: 6n, highestId: 12, wasCut: false });
    mark.reset();
    mark.noteRead({ xmin: 9n, xmax: 9n, highestId: 3, wasCut: false });
    expect(mark.value).toBe(0);
  });
});
