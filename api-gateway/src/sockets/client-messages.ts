import { type Message, MessageType, parseMessage } from 'graphql-ws';
import { CLOSE_CODES } from './client-socket.js';

const MAX_PING_PAYLOAD_BYTES = 1024;
/** A longer text is not looked into: its payload may be nested too deeply to be written again. */
const MAX_PING_CHARACTERS = 4 * MAX_PING_PAYLOAD_BYTES;

/** A message that breaks the protocol: the socket is closed with this code. */
export class ProtocolViolation extends Error {
  constructor(
    readonly code: number,
    reason: string,
  ) {
    super(reason);
  }
}

/**
 * Reads a message of a client. What graphql-ws would keep as long as the socket or the operation, and what is not used here, is left out.
 * Throws a ProtocolViolation.
 */
export function readClientMessage(text: string): Message {
  const message = parse(text);
  switch (message.type) {
    case MessageType.ConnectionInit:
      return { type: message.type, payload: authorizationOf(message.payload) };
    case MessageType.Subscribe: {
      const { query, operationName, variables } = message.payload;
      return { id: message.id, type: message.type, payload: { query, operationName, variables } };
    }
    case MessageType.Ping:
    case MessageType.Pong:
      if (text.length > MAX_PING_CHARACTERS || Buffer.byteLength(JSON.stringify(message.payload ?? {})) > MAX_PING_PAYLOAD_BYTES)
        throw new ProtocolViolation(CLOSE_CODES.badRequest, 'The payload of a ping is too large');
      return message;
    case MessageType.Complete:
      return message;
    default:
      throw invalidMessage();
  }
}

function parse(text: string): Message {
  try {
    return parseMessage(text);
  } catch {
    throw invalidMessage();
  }
}

/** A token that is not a string is refused like any other that is not valid. */
function authorizationOf(payload: Record<string, unknown> | null | undefined): { authorization?: string } {
  const authorization = payload?.authorization ?? payload?.Authorization ?? undefined;
  if (authorization === undefined) return {};
  if (typeof authorization !== 'string') throw new ProtocolViolation(CLOSE_CODES.forbidden, 'Forbidden');
  return { authorization };
}

function invalidMessage(): ProtocolViolation {
  return new ProtocolViolation(CLOSE_CODES.badRequest, 'Invalid message received');
}
