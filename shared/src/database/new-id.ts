import { v7 } from 'uuid';

/** A new UUIDv7 (RFC 9562): ids that are created one after the other are neighbours in an index. */
export function newId(): string {
  return v7();
}
