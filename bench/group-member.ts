import type { TestUser } from '@chat/testkit/user';
import { FrameSocket } from './frame-socket.ts';

/** `seq` and `conversationId` are at the beginning of each frame, where they are found without parsing it. */
const EVENTS =
  'subscription { events { __typename ... on MessageCreated { message { seq conversationId id clientMessageId content senderId createdAt } } cursor } }';
const MESSAGE_START = Buffer.from('{"id":"1","type":"next","payload":{"data":{"events":{"__typename":"MessageCreated","message":{"seq":');
const CONVERSATION_START = ',"conversationId":"';
const [DIGIT_0, DIGIT_9] = [48, 57];

/** Of whom a member tells what arrives. */
export interface MessageReceiver {
  conversationId: string;
  /** A MessageCreated of this conversation has arrived at a member. */
  messageArrived(member: number, seq: number): void;
  /** Another event has arrived. */
  eventArrived(type: string): void;
  /** A frame was wrong, or the socket has ended. */
  memberFailed(reason: string): void;
}

/** A user with `events` open on a socket. */
export class GroupMember {
  readonly user: TestUser;
  readonly #socket: FrameSocket;
  readonly #opened = Promise.withResolvers<this>();
  #receiver: MessageReceiver | null = null;
  #index = 0;
  /** What follows the seq in a frame of the conversation. */
  #conversation = Buffer.alloc(0);

  private constructor(user: TestUser) {
    this.user = user;
    this.#socket = new FrameSocket(user.wsUrl, 'graphql-transport-ws', {
      onOpen: () =>
        this.#socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${user.accessToken}` } })),
      onText: (text) => this.#receive(text),
      onEnd: (reason) => this.#fail(`the socket of a member ended: ${reason}`),
    });
  }

  /** Resolves when the stream is open. */
  static open(user: TestUser): Promise<GroupMember> {
    return new GroupMember(user).#opened.promise;
  }

  /** From now on this one is told what arrives; `index`: the number of this member. */
  join(receiver: MessageReceiver, index: number): void {
    this.#receiver = receiver;
    this.#index = index;
    this.#conversation = Buffer.from(`${CONVERSATION_START}${receiver.conversationId}"`);
  }

  close(): void {
    this.#socket.close();
  }

  #receive(frame: Buffer): void {
    if (!hasAt(frame, 0, MESSAGE_START)) return this.#receiveOther(frame);
    let seq = 0;
    let at = MESSAGE_START.length;
    for (let byte = frame[at]!; byte >= DIGIT_0 && byte <= DIGIT_9; byte = frame[++at]!) seq = seq * 10 + byte - DIGIT_0;
    if (!this.#receiver || !hasAt(frame, at, this.#conversation)) this.#fail(`a frame is of another conversation: ${frame.toString()}`);
    else this.#receiver.messageArrived(this.#index, seq);
  }

  #receiveOther(frame: Buffer): void {
    const { type, payload } = JSON.parse(frame.toString());
    if (type === 'connection_ack') return this.#socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: EVENTS } }));
    if (type === 'ping') return this.#socket.send('{"type":"pong"}');
    const name = payload?.data?.events?.__typename;
    if (type !== 'next' || payload.errors || name === 'MessageCreated') return this.#fail(`unexpected: ${frame.toString()}`);
    if (name === 'StreamOpened') this.#opened.resolve(this);
    else this.#receiver?.eventArrived(name);
  }

  /** Before the stream is open, `open` rejects. */
  #fail(reason: string): void {
    if (this.#receiver) this.#receiver.memberFailed(reason);
    else this.#opened.reject(new Error(reason));
  }
}

function hasAt(frame: Buffer, at: number, bytes: Buffer): boolean {
  const end = at + bytes.length;
  return frame.length >= end && frame.compare(bytes, 0, bytes.length, at, end) === 0;
}
