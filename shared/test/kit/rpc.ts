import type { MessageHandler } from '@nestjs/microservices';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { silentLog } from '../../src/observability/index.js';
import { RpcClient, type RpcContext, RpcRecord, type RpcRecordOptions, RpcServer, type RpcServerOptions } from '../../src/rpc/index.js';

/** What a test has opened, in this order. */
export const opened: { close(): unknown }[] = [];

/** To be called after each test. */
export async function closeOpened(): Promise<void> {
  for (const one of opened.splice(0).toReversed()) await one.close();
}

type Handler = (data: unknown, context: RpcContext) => Promise<unknown>;

export async function serve(
  handlers: Record<string, Handler>,
  port = 0,
  options: Partial<RpcServerOptions> = {},
): Promise<{ server: RpcServer; port: number }> {
  const server = new RpcServer({ host: '127.0.0.1', port, logger: silentLog, ...options });
  for (const [pattern, handler] of Object.entries(handlers)) server.addHandler(pattern, handler as MessageHandler);
  opened.push(server);
  await new Promise<void>((resolve, reject) => server.listen((error) => (error ? reject(error as Error) : resolve())));
  return { server, port: (server.unwrap().address() as AddressInfo).port };
}

export function clientOf(port: number, timeoutMs = 2000): RpcClient {
  const client = new RpcClient({ host: '127.0.0.1', port, serviceName: 'chat-service', timeoutMs });
  opened.push(client);
  return client;
}

export function call<Result = unknown>(client: RpcClient, pattern: string, data: unknown, options: RpcRecordOptions = {}): Promise<Result> {
  return firstValueFrom(client.send<Result>(pattern, new RpcRecord(data, options)));
}

/** A TCP server whose test counts the chunks that it reads: they are the writes of the client as long as neither side is slow. */
export async function rawServer(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(onSocket);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({ close: () => new Promise((resolve) => server.close(resolve)) });
  return { server, port: (server.address() as { port: number }).port };
}
