import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { CommonConfig, loadConfig } from '../../src/config/index.js';

/** The config of a service in a test, on any free port. */
export function configOf(env: NodeJS.ProcessEnv = {}): CommonConfig & { port: number } {
  const common = loadConfig(CommonConfig, {
    LOG_LEVEL: 'silent',
    ...env,
  });
  return Object.assign(common, { port: 0 });
}

/** An answer with a JSON body, {} for none. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Record<string, any>;
}

/** One HTTP request over a connection of its own; rejects when there is no answer. */
export function call(
  url: string,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url + path, { method: options.method ?? 'GET', headers: options.headers ?? {}, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode!,
          headers: answer.headers,
          body: text === '' ? {} : (JSON.parse(text) as Record<string, any>),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(options.body);
  });
}

/** The options of a POST with a JSON body. */
export const json = (body: unknown) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
