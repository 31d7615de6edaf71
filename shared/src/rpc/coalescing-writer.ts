import type { Socket } from 'node:net';

/** Puts all lines of one turn of the event loop into one write: at load, system calls are what a line costs. */
export class CoalescingWriter {
  #lines = '';
  #scheduled = false;

  constructor(private readonly socket: Socket) {}

  write(line: string): void {
    this.#lines += line + '\n';
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#lines === '') return;
    const text = this.#lines;
    this.#lines = '';
    if (this.socket.writable) this.socket.write(text);
  }
}
