import { Transform, type TransformCallback } from 'node:stream';
import { fileTooLarge, fileTooShort } from './storage.errors.js';

/** Passes on the bytes of a file that must have exactly this size: fails at the first byte too many, and at an end that comes too early. */
export class ExactLength extends Transform {
  #received = 0;

  constructor(private readonly sizeBytes: number) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#received += chunk.length;
    if (this.#received > this.sizeBytes) done(fileTooLarge(this.sizeBytes));
    else done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    if (this.#received < this.sizeBytes) done(fileTooShort(this.sizeBytes, this.#received));
    else done();
  }
}
