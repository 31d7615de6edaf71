import { connect } from 'node:net';

/** A process with clients that send a text without end, read nothing, and connect again when they are disconnected. Arguments: port, number of sockets, text. */
const [port, sockets, text] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];
let bytes = 0;

/** Text frames of a client (RFC 6455), with a mask of zeros. */
const payload = Buffer.from(text);
const frame = Buffer.concat([Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 255, 0, 0, 0, 0]), payload]);

function open() {
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  const write = () => {
    while (socket.writable) {
      bytes += frame.length;
      if (!socket.write(frame)) return;
    }
  };
  socket.on('connect', () => {
    const headers = 'host: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13';
    const protocol = 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: graphql-transport-ws';
    socket.write(`GET /graphql HTTP/1.1\r\n${headers}\r\n${protocol}\r\n\r\n`);
    write();
  });
  socket.on('drain', write);
  socket.on('error', () => undefined);
  socket.on('close', () => setTimeout(open, 1000));
}

for (let n = 0; n < sockets; n += 1) open();
setInterval(() => process.send(bytes), 100);
process.on('disconnect', () => process.exit());
