import { codeOfStep, stepAt } from '../../src/mfa/totp.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const STEP_MS = 30_000;

/** An authenticator app. */
export class AuthenticatorApp {
  #lastStep = 0;

  constructor(private readonly secret: Buffer) {}

  static of(base32: string): AuthenticatorApp {
    return new AuthenticatorApp(fromBase32(base32));
  }

  /**
   * A code of a newer step than the previous one, so not used yet. The codes of the previous, the current and the next step are valid:
   * three in a row.
   */
  nextCode(): string {
    this.#lastStep = Math.max(this.#lastStep + 1, stepAt(Date.now()) - 1);
    return codeOfStep(this.secret, this.#lastStep);
  }

  codeAway(steps: number): string {
    return codeOfStep(this.secret, stepAt(Date.now()) + steps);
  }
}

export function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)));
}

/** Waits if a new step starts soon: a test must not create codes in one step and have them checked in the next. */
export async function awayFromNewStep(): Promise<void> {
  const leftMs = STEP_MS - (Date.now() % STEP_MS);
  if (leftMs < 3000) await new Promise((resolve) => setTimeout(resolve, leftMs));
}
