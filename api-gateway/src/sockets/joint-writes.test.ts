import { setImmediate as turn } from 'node:timers/promises';
import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { writeJointly } from './joint-writes.js';

/** Notes what each system call would write. */
class Connection extends Writable {
  readonly calls: string[] = [];
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.calls.push(chunk.toString());
    done();
  }
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.calls.push(chunks.map(({ chunk }) => chunk.toString()).join(' '));
    done();
  }
}

/** As ws does it: header and payload. */
function sendFrame(connection: Connection, text: string): void {
  writeJointly(connection);
  connection.cork();
  connection.write(`${text}-header`);
  connection.write(text);
  connection.uncork();
}

it('frames of one turn go out together and in order, each connection for itself, and do not wait for a later turn', async () => {
  const [one, two] = [new Connection(), new Connection()];
  sendFrame(one, 'a');
  sendFrame(two, 'b');
  await Promise.resolve();
  sendFrame(one, 'c');
  expect(one.calls).toEqual([]);
  expect(one.writableLength).toBe('a-headerac-headerc'.length);
  await turn();
  expect([one.calls, two.calls]).toEqual([['a-header a c-header c'], ['b-header b']]);
  sendFrame(one, 'd');
  await turn();
  expect(one.calls.slice(1)).toEqual(['d-header d']);
});

it('a connection that was destroyed meanwhile does no harm to others', async () => {
  const [one, two] = [new Connection(), new Connection()];
  sendFrame(one, 'a');
  sendFrame(two, 'b');
  one.destroy();
  await turn();
  expect([one.calls, two.calls]).toEqual([[], ['b-header b']]);
});
