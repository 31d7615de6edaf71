import { expect, it } from 'vitest';
import { FileTransfers } from './file-transfers.js';

it('limits the transfers of an address, and leaves room for other addresses', () => {
  const transfers = new FileTransfers({ total: 10, perAddress: 2 });
  const ends = [transfers.begin('a'), transfers.begin('a')];
  expect(() => transfers.begin('a')).toThrow(expect.objectContaining({ kind: 'rate-limited', details: { retryAfterSeconds: 5 } }));
  transfers.begin('b');
  // A transfer that reports its end twice ends once.
  ends[0]!();
  ends[0]!();
  transfers.begin('a');
  expect(() => transfers.begin('a')).toThrow('Too many files');
});

it('limits the transfers of all addresses together', () => {
  const transfers = new FileTransfers({ total: 2, perAddress: 2 });
  transfers.begin('a');
  const end = transfers.begin('b');
  expect(() => transfers.begin('c')).toThrow(expect.objectContaining({ kind: 'unavailable' }));
  end();
  transfers.begin('c');
});
