import { get } from 'node:http';
import { SERVICE_PORTS } from '../contracts/service-ports.js';
import type { ServiceName } from '../contracts/index.js';
import { type Command, UsageError } from '../cli/command.js';

const TIMEOUT_MS = 4_000;

/** Whether the service that listens on PORT of this machine is ready. It is a container's health check, so it loads almost nothing. */
export function healthCommandOf(name: ServiceName): Command {
  return async (_args, env) => {
    const url = `http://127.0.0.1:${env.PORT || SERVICE_PORTS[name]}/health/ready`;
    const status = await statusOf(url);
    if (status !== 200) throw new UsageError(`not ready: ${status}`);
    return 'ready';
  };
}

/** The status of the answer, or the reason why there is none. */
function statusOf(url: string): Promise<number | string> {
  return new Promise((resolve) => {
    get(url, { signal: AbortSignal.timeout(TIMEOUT_MS), agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', (error) => resolve(error.message));
  });
}
