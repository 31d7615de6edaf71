import { SECURITY_HEADERS } from '@chat/shared/bootstrap';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const packageFile = (name: string, file: string) => join(dirname(require.resolve(`${name}/package.json`)), file);

/** All files that the page loads. They are served from the installed npm packages, so that the page works without Internet access. */
const ASSETS: Record<string, { file: string; type: string }> = {
  'react.js': { file: packageFile('react', 'umd/react.production.min.js'), type: 'text/javascript' },
  'react-dom.js': { file: packageFile('react-dom', 'umd/react-dom.production.min.js'), type: 'text/javascript' },
  'graphiql.js': { file: packageFile('graphiql', 'graphiql.min.js'), type: 'text/javascript' },
  'graphiql.css': { file: packageFile('graphiql', 'graphiql.min.css'), type: 'text/css' },
  'graphql-ws.js': { file: join(dirname(require.resolve('graphql-ws')), '../umd/graphql-ws.min.js'), type: 'text/javascript' },
  'playground.js': { file: join(import.meta.dirname, '../../playground/playground.js'), type: 'text/javascript' },
};
const PAGE_FILE = join(import.meta.dirname, '../../playground/index.html');

/** GraphiQL sets inline styles and has its font as a data URL in its style sheet. It may connect only to this gateway. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Serves the files of GraphiQL, and returns the function that sends its page at the path of GraphQL. */
export async function addPlayground(app: NestFastifyApplication): Promise<(reply: FastifyReply) => void> {
  const page = await readFile(PAGE_FILE, 'utf8');
  const fastify = app.getHttpAdapter().getInstance();
  for (const [name, { file, type }] of Object.entries(ASSETS)) {
    const content = await readFile(file);
    fastify.get(`/playground/${name}`, (_request: unknown, reply: FastifyReply) =>
      reply.header('content-type', `${type}; charset=utf-8`).header('cache-control', 'public, max-age=3600').send(content),
    );
  }
  return (reply) =>
    void reply
      .headers({ ...SECURITY_HEADERS, 'content-security-policy': POLICY, 'content-type': 'text/html; charset=utf-8', vary: 'accept' })
      .send(page);
}
