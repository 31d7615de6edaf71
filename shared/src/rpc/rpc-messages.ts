import { AppError, PUBLIC_CODES, type ErrorKind, toAppError } from '../errors/index.js';

/** One line from the client. */
export interface RpcRequest {
  id: number;
  method: string;
  body: unknown;
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

/** One line from the server: a result, an error, or the notice that the server is about to close (`CLOSING_NOTICE_ID`). */
export interface RpcAnswer {
  id: number;
  result?: unknown;
  error?: RpcError;
  /** The call was not begun, as the server is closing: it may be made again elsewhere. */
  notBegun?: true;
}

/** An id that no call has. */
export const CLOSING_NOTICE_ID = 0;

export function encodeError(thrown: unknown): RpcError {
  const { kind, code, message, details } = toAppError(thrown);
  return { kind, code, message, details };
}

export function decodeError({ kind, code, message, details }: RpcError): AppError {
  return new AppError(kind in PUBLIC_CODES ? kind : 'internal', code, message, { details });
}
