import { createHmac } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const STEP_MS = 30_000;

/** What people have on their phones: written anew from RFC 6238, so that it is no witness of the service's own code. */
export class AuthenticatorApp {
  readonly #secret: Buffer;
  #lastStep = 0;

  constructor(otpauthUrl: string) {
    const text = new URL(otpauthUrl).searchParams.get('secret')!;
    const bits = [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
    this.#secret = Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)));
  }

  /** A code that was not shown before: the present one, or that of the next step. */
  async nextCode(): Promise<string> {
    const step = Math.max(this.#lastStep + 1, Math.floor(Date.now() / STEP_MS));
    // The next step's code is good already, the one after it is not.
    const goodFromMs = (step - 1) * STEP_MS;
    if (Date.now() < goodFromMs) await new Promise((resolve) => setTimeout(resolve, goodFromMs - Date.now()));
    this.#lastStep = step;
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const mac = createHmac('sha1', this.#secret).update(counter).digest();
    const offset = mac[19]! & 0xf;
    const bytes = mac.subarray(offset, offset + 4);
    bytes[0]! &= 0x7f;
    return String(bytes.readUInt32BE() % 1_000_000).padStart(6, '0');
  }
}
