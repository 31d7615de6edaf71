import { AppError, PUBLIC_CODES, type ErrorKind, toAppError } from '../errors/index.js';

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
