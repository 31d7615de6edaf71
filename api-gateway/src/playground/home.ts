import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { GRAPHQL_PATH } from '../graphql/graphql.options.js';

/** For a user that opens the address of an installation without a playground. The files are those of the repository. */
const TEXT = `This is chat-backend, a chat back end. It has no web page of its own.

Clients: GraphQL by POST ${GRAPHQL_PATH}, and by WebSocket (graphql-transport-ws) at the same path.

The documentation is in the repository from which this installation was made:
  README.md                    how to use it from a client
  api-gateway/schema.graphql   every operation
  docs/auth.md                 every way to sign in
  docs/operations.md           for operators
`;

/** Answers / with the playground or, without one, with what this is; and /favicon.ico, for which browsers ask by themselves. */
export function addHome(app: NestFastifyApplication, hasPlayground: boolean): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get('/', (_request: unknown, reply: FastifyReply) =>
    hasPlayground ? reply.redirect(GRAPHQL_PATH) : reply.type('text/plain; charset=utf-8').send(TEXT),
  );
  fastify.get('/favicon.ico', (_request: unknown, reply: FastifyReply) =>
    reply.status(204).header('cache-control', 'public, max-age=86400').send(),
  );
}
