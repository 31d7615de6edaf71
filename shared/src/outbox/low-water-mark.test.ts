import { describe, expect, it } from 'vitest';
import { LowWaterMark } from './low-water-mark.js';

describe('the low-water mark', () => {
  it('rises only when every open transaction of an earlier read has ended, to the highest id of that read', () => {
    const mark = new LowWaterMark();
    mark.noteRead({ xmin: 100n, xid: 105n, highestId: 50, wasCut: false });
    expect(mark.value).toBe(0);
    // 104 is still open and may hold an id below 50.
    mark.noteRead({ xmin: 104n, xid: 110n, highestId: 60, wasCut: false });
    expect(mark.value).toBe(0);
    mark.noteRead({ xmin: 105n, xid: 120n, highestId: 70, wasCut: false });
    expect(mark.value).toBe(50);
  });

  it('does not rise while the oldest open transaction has the number after the last one that has ended', () => {
    const mark = new LowWaterMark();
    // 11 was read; 10 belongs to transaction 101, which is open. Transaction 100 is the last one that has ended.
    mark.noteRead({ xmin: 101n, xid: null, highestId: 11, wasCut: false });
    mark.noteRead({ xmin: 101n, xid: 102n, highestId: undefined, wasCut: false });
    mark.noteRead({ xmin: 101n, xid: null, highestId: undefined, wasCut: false });
    expect(mark.value).toBe(0);
    mark.noteRead({ xmin: 103n, xid: null, highestId: 10, wasCut: false });
    expect(mark.value).toBe(11);
  });

  it('does not rise above the highest id of a read that ended at its limit', () => {
    const mark = new LowWaterMark();
    mark.noteRead({ xmin: 100n, xid: 105n, highestId: 50, wasCut: false });
    mark.noteRead({ xmin: 110n, xid: 110n, highestId: 20, wasCut: true });
    expect(mark.value).toBe(20);
  });

  it('stays while a transaction is open, whatever the number of reads', () => {
    const mark = new LowWaterMark();
    for (let read = 0n; read < 100n; read++) mark.noteRead({ xmin: 7n, xid: 10n + read, highestId: Number(read) + 1, wasCut: false });
    expect(mark.value).toBe(0);
  });

  it('continues to rise with reads that find no rows', () => {
    const mark = new LowWaterMark();
    mark.noteRead({ xmin: 5n, xid: 5n, highestId: 9, wasCut: false });
    mark.noteRead({ xmin: 6n, xid: 6n, highestId: undefined, wasCut: false });
    expect(mark.value).toBe(9);
  });

  it('rises with rows that are deleted without having been read', () => {
    const mark = new LowWaterMark();
    mark.noteRead({ xmin: 5n, xid: 5n, highestId: undefined, highestDeletedId: 9, wasCut: false });
    expect(mark.value).toBe(0);
    mark.noteRead({ xmin: 6n, xid: 6n, highestId: undefined, highestDeletedId: 12, wasCut: false });
    expect(mark.value).toBe(9);
  });

  it('begins at 0 after a reset', () => {
    const mark = new LowWaterMark();
    mark.noteRead({ xmin: 5n, xid: 5n, highestId: 9, wasCut: false });
    mark.noteRead({ xmin: 6n, xid: 6n, highestId: 12, wasCut: false });
    mark.reset();
    mark.noteRead({ xmin: 9n, xid: 9n, highestId: 3, wasCut: false });
    expect(mark.value).toBe(0);
  });
});
