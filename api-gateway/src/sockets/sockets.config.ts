import { Env } from '@chat/shared/config';

/** How many sockets a user or an address may have at one gateway, and how often their sessions are checked. */
export class SocketsConfig {
  @Env({
    name: 'MAX_SOCKETS_PER_USER',
    type: 'int',
    default: 20,
    min: 1,
    max: 1_000_000,
    description: 'How many sockets a user may have at one gateway; a further one is closed with 1013',
  })
  perUser: number;

  @Env({
    name: 'MAX_SOCKETS_PER_ADDRESS',
    type: 'int',
    default: 1000,
    min: 1,
    max: 1_000_000,
    description:
      'How many sockets an address (IPv6: a /64) may have at one gateway, times RATE_LIMIT_SCALE; a further one is refused with 429. Behind proxies, TRUST_PROXY must be right',
  })
  perAddress: number;

  @Env({
    name: 'MAX_UNAUTHENTICATED_SOCKETS_PER_ADDRESS',
    type: 'int',
    default: 50,
    min: 1,
    max: 1_000_000,
    description: 'How many of them may be without an accepted connection_init at a time, times RATE_LIMIT_SCALE',
  })
  unauthenticatedPerAddress: number;

  @Env({
    name: 'SESSION_CHECK_INTERVAL',
    type: 'durationSeconds',
    default: 900,
    min: 1,
    max: 900,
    description: 'After at most this time, the session and the signing key of each socket are checked again',
  })
  sessionCheckSeconds: number;
}
