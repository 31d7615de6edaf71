import { SECURITY_HEADERS } from '@chat/shared/bootstrap';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface PlaygroundPage {
  send(reply: FastifyReply): void;
}

const require = createRequire(import.meta.url);
const packageFile = (name: string, file: string) => join(dirname(require.resolve(`${name}/package.json`)), file);

/** Everything the page loads: from the packages as they are published, so that it works without the Internet. */
const ASSETS: Record<string, { file: string; type: string }> = {
  'react.js': { file: packageFile('react', 'umd/react.production.min.js'), type: 'text/javascript' },
  'react-dom.js': { file: packageFile('react-dom', 'umd/react-dom.production.min.js'), type: 'text/javascript' },
  'graphiql.js': { file: packageFile('graphiql', 'graphiql.min.js'), type: 'text/javascript' },
  'graphiql.css': { file: packageFile('graphiql', 'graphiql.min.css'), type: 'text/css' },
  'graphql-ws.js': { file: join(dirname(require.resolve('graphql-ws')), '../umd/graphql-ws.min.js'), type: 'text/javascript' },
  'playground.js': { file: join(import.meta.dirname, '../../playground/playground.js'), type: 'text/javascript' },
};
const PAGE_FILE = join(import.meta.dirname, '../../playground/index.html');

/** GraphiQL sets styles of its own and loads its font from its style sheet; it may talk to this gateway only. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** GraphiQL for browsers at the path of GraphQL itself. */
export async function createPlayground(app: NestFastifyApplication): Promise<PlaygroundPage> {
  const page = await readFile(PAGE_FILE, 'utf8');
  const fastify = app.getHttpAdapter().getInstance();
  for (const [name, { file, type }] of Object.entries(ASSETS)) {
    const content = await readFile(file);
    fastify.get(`/playground/${name}`, (_request: unknown, reply: FastifyReply) =>
      reply.header('content-type', `${type}; charset=utf-8`).header('cache-control', 'public, max-age=3600').send(content),
    );
  }
  return {
    send: (reply) =>
      void reply
        .headers({ ...SECURITY_HEADERS, 'content-security-policy': POLICY, 'content-type': 'text/html; charset=utf-8', vary: 'accept' })
        .send(page),
  };
}
