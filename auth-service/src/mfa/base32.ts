const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const BITS_PER_CHARACTER = 5;

/** RFC 4648, without padding. */
export function toBase32(bytes: Buffer): string {
  let text = '';
  let bits = 0;
  let rest = 0;
  for (const byte of bytes) {
    rest = (rest << 8) | byte;
    for (bits += 8; bits >= BITS_PER_CHARACTER; bits -= BITS_PER_CHARACTER) {
      text += ALPHABET[(rest >>> (bits - BITS_PER_CHARACTER)) & 31];
    }
    rest &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET[(rest << (BITS_PER_CHARACTER - bits)) & 31];
}
