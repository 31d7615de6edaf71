import { AppError, PUBLIC_CODES, type ErrorKind, toAppError } from '../errors/index.js';
import { fitsInLine } from './json-lines.js';

/** One line from the client. */
export interface RpcRequest {
  id: number;
  pattern: string;
  data: unknown;
  token: string | null;
  correlationId: string | null;
  traceparent: string | null;
}

export interface RpcError {
  kind: ErrorKind;
  code: string;
  message: string;
  details: Record<string, unknown>;
}

/** One line from the server: a result, an error, or GOAWAY (`GOAWAY_ID`), the notice that the server is about to close. */
export interface RpcResponse {
  id: number;
  result?: unknown;
  error?: RpcError;
  /** The server is closing and has not started this request, so the client may send it to the next server. */
  notStarted?: true;
}

/** No request has this id. */
export const GOAWAY_ID = 0;

/** The server answers this pattern itself: a client asks whether the connection still works. */
export const PING = 'ping';

export function encodeError(thrown: unknown): RpcError {
  const { kind, code, message, details } = toAppError(thrown);
  return { kind, code, message, details };
}

export function decodeError({ kind, code, message, details }: RpcError): AppError {
  return new AppError(kind in PUBLIC_CODES ? kind : 'internal', code, message, { details });
}

/** Null if the line is no request. */
export function parseRequest(line: string): RpcRequest | null {
  try {
    const request = JSON.parse(line) as RpcRequest | null;
    if (typeof request?.id !== 'number' || typeof request.pattern !== 'string') return null;
    return typeof (request.token ?? '') === 'string' ? request : null;
  } catch {
    return null;
  }
}

/** The line of a response, or of an error if the response is too long for a line. */
export function encodeResponse(response: RpcResponse): string {
  const text = JSON.stringify(response);
  if (fitsInLine(text)) return text;
  const error = new AppError('too-large', 'rpc/response-too-large', 'The response is too large.');
  return JSON.stringify({ id: response.id, error: encodeError(error) });
}
