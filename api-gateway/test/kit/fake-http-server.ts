import { toProblem } from '@chat/shared/errors';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call that a service received. */
export interface Call {
  /** `RPC` for a message over the TCP transport. */
  method: string;
  path: string;
  query: URLSearchParams;
  body: any;
  /** Not for RPC. */
  headers?: IncomingHttpHeaders;
  /** The claims of the token, which is not verified here. */
  userId: string | null;
  tokenType: string | null;
}

export type Handler = (call: Call) => unknown;
/** Handlers by method and path, `POST /chat/messages`; `:id` stands for a UUID. */
export type Routes = Record<string, Handler>;

export interface FakeHttpServer {
  url: string;
  close(): void;
}

/** Answers each request with the JSON of `answer`, or with the problem that it throws; `isUnavailable` closes the connection instead. */
export async function startFakeHttpServer(
  answer: (call: Call) => Promise<unknown>,
  isUnavailable: (path: string) => boolean,
): Promise<FakeHttpServer> {
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const call = await readCall(request);
    if (isUnavailable(call.path)) return void request.socket.destroy();
    try {
      const body = await answer(call);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? null));
    } catch (error) {
      const problem = toProblem(error, 'test');
      response.writeHead(problem.status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
    }
  };
  const server = createServer((request, response) => void respond(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://services');
  return {
    method: request.method ?? '',
    path: pathname,
    query: searchParams,
    body: text === '' ? undefined : JSON.parse(text),
    headers: request.headers,
    ...claimsOf(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null),
  };
}

/** The claims of a token, not verified. */
export function claimsOf(token: string | null): { userId: string | null; tokenType: string | null } {
  if (token === null) return { userId: null, tokenType: null };
  const [header = '', payload = ''] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return { userId: JSON.parse(payload).sub, tokenType: JSON.parse(header).typ };
}
