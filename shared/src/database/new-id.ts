import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const ID_BYTES = 16;
const pool = new Uint8Array(256 * ID_BYTES);
let next = pool.length;

/** A new UUIDv7 (RFC 9562): ids that are created one after the other are neighbours in an index. Those of one millisecond have no order. */
export function newId(): string {
  return v7({ rng: randomBytes });
}

/** One call of the random number generator for many ids: a call costs several times as much as all the rest of an id. */
function randomBytes(): Uint8Array {
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  return pool.subarray(next, (next += ID_BYTES));
}
