import { describe, expect, it } from 'vitest';
import { OfferedRows } from './offered-rows.js';

const row = { topic: 't', key: 'k', type: 'MessageCreated', eventId: 'e', payload: '{}', correlationId: null, traceparent: null };
const rows = (count: number) => Array.from({ length: count }, () => ({ ...row, createdAt: new Date(0) }));
const read = (...ids: number[]) => ids.map((id) => ({ id }));
const idsOf = (offered: OfferedRows) => offered.take().map(({ id }) => id);

/** All ids up to 10 are published. */
function upTo10(): OfferedRows {
  const offered = new OfferedRows();
  offered.noteRead(read(9, 10), 8);
  return offered;
}

describe('rows that a transaction of this process has committed', () => {
  it('are the next ones if they have all ids since the last known one', () => {
    const offered = upTo10();
    expect(offered.offer({ rows: rows(2), lastId: 12 })).toBe(true);
    expect(offered.offer({ rows: rows(1), lastId: 13 })).toBe(true);
    expect(idsOf(offered)).toEqual([11, 12, 13]);
    expect(offered.offer({ rows: rows(1), lastId: 14 })).toBe(true);
    expect(idsOf(offered)).toEqual([14]);
    expect(offered.isEmpty).toBe(true);
  });

  it('have to be read if another transaction has an id in between, which may not have committed', () => {
    const offered = upTo10();
    expect(offered.offer({ rows: rows(1), lastId: 12 })).toBe(false);
    expect(offered.offer({ rows: rows(1), lastId: 13 })).toBe(false);
    expect(offered.isEmpty).toBe(true);
    // The read has not seen 11, which may still be open; nor is it known when the mark is below it.
    offered.noteRead(read(12, 13), 10);
    expect(offered.offer({ rows: rows(1), lastId: 14 })).toBe(false);
    // All transactions up to 13 have ended.
    offered.noteRead(read(14), 13);
    expect(offered.offer({ rows: rows(1), lastId: 15 })).toBe(true);
    expect(idsOf(offered)).toEqual([15]);
  });

  it('are not published a second time after a read has seen them, whether it ended before or after the offer', () => {
    const offered = upTo10();
    offered.noteRead(read(11, 12), 10);
    expect(offered.offer({ rows: rows(2), lastId: 12 })).toBe(true);
    expect(offered.isEmpty).toBe(true);
    expect(offered.offer({ rows: rows(3), lastId: 15 })).toBe(true);
    offered.noteRead(read(13, 14), 12);
    expect(idsOf(offered)).toEqual([15]);
  });

  it('are not taken again, with ids of another transaction, when a read has seen them before they are offered', () => {
    const offered = upTo10();
    // 11 and 13 are of one transaction; 12 belongs to another one that is still open.
    offered.noteRead(read(11, 13), 10);
    expect(offered.offer({ rows: rows(2), lastId: 13 })).toBe(false);
    expect(offered.isEmpty).toBe(true);
    offered.noteRead(read(12), 10);
    expect(offered.offer({ rows: rows(2), lastId: 13 })).toBe(false);
    expect(offered.offer({ rows: rows(1), lastId: 14 })).toBe(false);
    offered.noteRead(read(14), 13);
    expect(offered.offer({ rows: rows(1), lastId: 15 })).toBe(true);
    expect(idsOf(offered)).toEqual([15]);
  });

  it('are not taken when a read that was cut may have seen some of them', () => {
    const offered = upTo10();
    offered.noteRead(read(11), 10, true);
    expect(offered.offer({ rows: rows(2), lastId: 13 })).toBe(false);
    offered.noteRead(read(12, 13), 10);
    expect(offered.offer({ rows: rows(1), lastId: 14 })).toBe(true);
    expect(idsOf(offered)).toEqual([14]);
  });

  it('have to be read after rows were not published', () => {
    const offered = upTo10();
    offered.offer({ rows: rows(1), lastId: 11 });
    offered.reset();
    expect(offered.isEmpty).toBe(true);
    expect(offered.offer({ rows: rows(1), lastId: 12 })).toBe(false);
  });

  it('have to be read when a thousand wait', () => {
    const offered = upTo10();
    expect(offered.offer({ rows: rows(1000), lastId: 1010 })).toBe(true);
    expect(offered.offer({ rows: rows(1), lastId: 1011 })).toBe(false);
    expect(idsOf(offered)).toHaveLength(1000);
  });
});
