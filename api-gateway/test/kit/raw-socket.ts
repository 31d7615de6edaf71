import { eventually } from '@chat/shared/testing';
import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A WebSocket without a client library: tests write the messages of the protocol themselves and see every message and the close code. */
export class RawSocket {
  readonly messages: any[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly ws: WebSocket;

  constructor(url: string, protocol = 'graphql-transport-ws', headers: Record<string, string> = {}) {
    this.ws = new WebSocket(url, protocol, { headers });
    this.ws.on('message', (data) => this.messages.push(JSON.parse(data.toString())));
    this.ws.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.ws.on('close', (code, reason) => resolve({ code, reason: reason.toString() })));
  }

  async opened(): Promise<this> {
    if (this.ws.readyState !== WebSocket.OPEN) await once(this.ws, 'open');
    return this;
  }

  send(message: object | string): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  subscribe(id: string, query: string, variables: object = {}): void {
    this.send({ id, type: 'subscribe', payload: { query, variables } });
  }

  complete(id: string): void {
    this.send({ id, type: 'complete' });
  }

  async signIn(token: string): Promise<this> {
    await this.opened();
    this.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    await eventually(() => this.messages.some((message) => message.type === 'connection_ack'));
    return this;
  }

  /** What was received under an operation id. */
  messagesOf(id: string): any[] {
    return this.messages.filter((message) => message.id === id);
  }
}
