import net from 'node:net';

/** Sends bytes to a server and lets `judge` look at what came back: undefined means wait for more. Null when all is well, else what is wrong. */
export function probe(port: number, request: Buffer | string, judge: (answer: Buffer) => boolean | undefined): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(request));
    let answer = Buffer.alloc(0);
    const end = (reason: string | null) => {
      socket.destroy();
      resolve(reason);
    };
    socket.setTimeout(1500, () => end('no answer'));
    socket.on('error', (error) => end(error.message));
    socket.on('end', () => end('connection closed'));
    socket.on('data', (data: Buffer) => {
      answer = Buffer.concat([answer, data]);
      const verdict = judge(answer);
      if (verdict !== undefined) end(verdict ? null : 'not ready');
    });
  });
}
