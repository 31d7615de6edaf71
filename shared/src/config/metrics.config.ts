import { Env } from './env.decorators.js';
import type { ConfigWithChecks } from './load-config.js';

const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/** Where the metrics and the details of the health checks are served: for operators, never on a public address. */
export class MetricsConfig implements ConfigWithChecks {
  @Env({
    name: 'METRICS_PORT',
    type: 'int',
    optional: true,
    min: 0,
    max: 65_535,
    description: 'Port of /metrics and of the details of /health/ready, which must not be public; empty: PORT + 6000',
  })
  port?: number;

  @Env({
    name: 'METRICS_HOST',
    type: 'string',
    default: '127.0.0.1',
    description: 'Address on which METRICS_PORT listens; 0.0.0.0 in a container whose metrics another one reads, which needs METRICS_TOKEN',
  })
  host: string;

  @Env({
    name: 'METRICS_TOKEN',
    type: 'secret',
    optional: true,
    min: 16,
    description: 'Bearer token that a request to METRICS_PORT needs (authorization.credentials of Prometheus); empty: none',
  })
  token?: string;

  validate(): string[] {
    if (LOOPBACK.test(this.host) || this.token !== undefined) return [];
    return ['METRICS_TOKEN is not set: METRICS_HOST is no loopback address, so other machines can ask for the metrics'];
  }
}
