import type { DatabaseConfig } from '@chat/shared/config';

/** The URL of an administrator: of the database `postgres`, because the one of the services may not exist yet. */
export function adminUrlOf({ host, port, username, password, ssl }: DatabaseConfig): string {
  const url = new URL(`postgres://${host.includes(':') ? `[${host}]` : host}:${port}/postgres`);
  url.username = encodeURIComponent(username);
  url.password = encodeURIComponent(password ?? '');
  if (ssl) url.searchParams.set('sslmode', 'verify-full');
  return url.href;
}
