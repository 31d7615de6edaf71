import { setImmediate as nextTurn } from 'node:timers/promises';

/** What a frame takes beside its bytes. */
const OVERHEAD_BYTES = 200;

/** The part of a ClientSocket that is needed here. */
interface BufferedSocket {
  readonly isOpen: boolean;
  readonly hasRoom: boolean;
  drained(): Promise<void>;
  hold(bytes: number): void;
  release(bytes: number): void;
  readOn(): void;
}

/**
 * The frames that had been read from a connection when its buffer was full. They are handled in order, at most one in each turn of the event
 * loop, and only while there is room in the buffer; then the connection is read again.
 */
export class HeldFrames {
  private frames: Buffer[] = [];

  constructor(private readonly socket: BufferedSocket) {}

  get isEmpty(): boolean {
    return this.frames.length === 0;
  }

  add(frame: Buffer, handle: (text: string) => void): void {
    this.frames.push(frame);
    if (this.frames.length === 1) void this.handleAll(handle);
    this.socket.hold(frame.length + OVERHEAD_BYTES);
  }

  clear(): void {
    this.frames = [];
  }

  private async handleAll(handle: (text: string) => void): Promise<void> {
    const { socket } = this;
    while (!this.isEmpty) {
      await socket.drained();
      await nextTurn();
      const frame = this.frames[0];
      if (!socket.isOpen || !frame) return;
      if (!socket.hasRoom) continue;
      handle(frame.toString());
      this.frames.shift();
      socket.release(frame.length + OVERHEAD_BYTES);
    }
    socket.readOn();
  }
}
