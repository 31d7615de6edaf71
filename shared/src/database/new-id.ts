import { v7 } from 'uuid';

/** A new UUIDv7: rows made one after the other lie side by side in their index. */
export function newId(): string {
  return v7();
}
