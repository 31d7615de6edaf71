import type { TestUser } from '@chat/testkit/user';
import { WebSocket } from 'ws';

const EVENTS =
  'subscription { events { __typename cursor ... on MessageCreated { message { id seq conversationId clientMessageId content senderId createdAt } } } }';

/** Opens one `events` subscription on a raw socket; resolves when the stream is open. */
export function openEvents(user: TestUser, onMessage: (message: any) => void): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(user.wsUrl, 'graphql-transport-ws', { perMessageDeflate: false });
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`closed with ${code}`)));
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${user.accessToken}` } })),
    );
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data));
      if (frame.type === 'connection_ack') socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: EVENTS } }));
      else if (frame.type === 'ping') socket.send('{"type":"pong"}');
      else if (frame.type === 'next') {
        const event = frame.payload.data?.events;
        if (event?.__typename === 'StreamOpened') resolve(socket);
        else if (event?.message) onMessage(event.message);
      } else if (frame.type === 'error') reject(new Error(JSON.stringify(frame.payload)));
    });
  });
}
