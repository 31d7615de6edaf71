import { CloseCode, type Message, MessageType } from 'graphql-ws';
import { ProtocolViolation } from './client-messages.js';

const MAX_REASON_BYTES = 123;
/** graphql-ws writes the id first. */
const ID_START = '{"id":"';

interface RunningOperation {
  clientId: string;
  /** The beginning of each message with a result. */
  resultStart: string;
  ending: AbortController;
}

/**
 * The operations of one socket. graphql-ws identifies an operation by the id that the client chose, so an operation that is still ending
 * would answer under, and remove, a later one with the same id. Therefore graphql-ws gets an id of its own for each operation. It stands for
 * the client's id from `subscribe` to the first end: the client's `complete`, or the last message of the operation. Messages
 * of an operation that has ended are dropped.
 */
export class OperationIds {
  /** Operations that have not ended inside this process, whether or not the client completed them. */
  running = 0;
  /** Of the messages that started them. */
  runningBytes = 0;
  private readonly internalIds = new Map<string, string>();
  private readonly operations = new Map<string, RunningOperation>();
  private lastId = 0;

  /** Puts the internal id into a message of the client. Null: it completes an operation that has ended already. */
  decode(message: Message): Message | null {
    if (message.type === MessageType.Subscribe) return { ...message, id: this.add(message.id) };
    if (message.type !== MessageType.Complete) return message;
    const internalId = this.internalIds.get(message.id);
    if (internalId === undefined) return null;
    this.end(internalId);
    return { ...message, id: internalId };
  }

  /** Puts the client's id into a message of graphql-ws. Null: its operation has ended, so it must not be sent. */
  encode(text: string): string | null {
    if (!text.startsWith(ID_START)) return text;
    const end = text.indexOf('"', ID_START.length);
    const internalId = text.slice(ID_START.length, end);
    const operation = this.operations.get(internalId);
    if (operation === undefined) return null;
    if (!text.startsWith('","type":"next"', end)) this.end(internalId);
    return `{"id":${JSON.stringify(operation.clientId)}${text.slice(end + 1)}`;
  }

  /** The message with a result of the operation, which is JSON already. Null: the operation has ended, so it must not be sent. */
  resultMessage(internalId: string, result: string): string | null {
    const operation = this.operations.get(internalId);
    return operation === undefined ? null : `${operation.resultStart}${result}}`;
  }

  /** Aborted when the operation with this internal id ends: graphql-ws does not tell it to one that is still beginning. */
  endOf(internalId: string): AbortSignal {
    return this.operations.get(internalId)?.ending.signal ?? AbortSignal.abort();
  }

  endAll(): void {
    for (const internalId of this.operations.keys()) this.end(internalId);
  }

  private add(clientId: string): string {
    if (this.internalIds.has(clientId)) throw alreadyExists(clientId);
    const internalId = String(++this.lastId);
    this.internalIds.set(clientId, internalId);
    const resultStart = `{"id":${JSON.stringify(clientId)},"type":"next","payload":`;
    this.operations.set(internalId, { clientId, resultStart, ending: new AbortController() });
    return internalId;
  }

  private end(internalId: string): void {
    const operation = this.operations.get(internalId);
    if (!operation) return;
    this.internalIds.delete(operation.clientId);
    this.operations.delete(internalId);
    operation.ending.abort();
  }
}

function alreadyExists(clientId: string): ProtocolViolation {
  const reason = `Subscriber for ${clientId} already exists`;
  return new ProtocolViolation(
    CloseCode.SubscriberAlreadyExists,
    Buffer.byteLength(reason) > MAX_REASON_BYTES ? 'Subscriber already exists' : reason,
  );
}
