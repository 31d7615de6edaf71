import { createHmac } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const STEP_MS = 30_000;

/** An authenticator app (RFC 6238). It shares no code with auth-service, so that a fault of the service cannot hide in the test. */
export class AuthenticatorApp {
  readonly #secret: Buffer;
  #lastStep = 0;

  constructor(otpauthUrl: string) {
    const text = new URL(otpauthUrl).searchParams.get('secret')!;
    const bits = [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
    this.#secret = Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)));
  }

  /** A code that this object has not returned before: of the current time step, or of the next one. */
  async nextCode(): Promise<string> {
    const step = Math.max(this.#lastStep + 1, Math.floor(Date.now() / STEP_MS));
    // The service accepts the code of the next time step already, but not of the one after it.
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
