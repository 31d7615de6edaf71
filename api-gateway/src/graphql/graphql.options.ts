import { AccessTokenVerifier, bearerToken, isMfaEnrollmentToken, MfaEnrollmentTokenVerifier } from '@chat/shared/auth';
import { LOGGER, type Log } from '@chat/shared/observability';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type BuildSchemaOptions, GraphQLModule } from '@nestjs/graphql';
import type { DynamicModule } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { GatewayConfig } from '../config.js';
import { ClientsModule } from '../clients/clients.module.js';
import { ProfileClient } from '../clients/profile.client.js';
import { type ClientRequest, clientHeadersOf } from '../clients/client-headers.js';
import { rejectUnauthenticated } from './access.errors.js';
import { GraphqlContext } from './graphql-context.js';
import { httpOperations } from './http-operations.js';
import { OperationChecks } from './operation-checks.js';
import { PublicErrors } from './public-errors.js';

export const GRAPHQL_PATH = '/graphql';

/** Of one operation. */
export const MAX_VARIABLE_ERRORS = 5;

/** GraphQL over HTTP. Operations over WebSocket are executed by ../sockets, on the same schema. */
export function graphqlModule(buildSchemaOptions: BuildSchemaOptions): DynamicModule {
  return GraphQLModule.forRootAsync<ApolloDriverConfig>({
    driver: ApolloDriver,
    imports: [ClientsModule],
    inject: [GatewayConfig, AccessTokenVerifier, MfaEnrollmentTokenVerifier, ProfileClient, OperationChecks, LOGGER],
    useFactory: (
      config: GatewayConfig,
      verifier: AccessTokenVerifier,
      enrollmentVerifier: MfaEnrollmentTokenVerifier,
      profiles: ProfileClient,
      checks: OperationChecks,
      logger: Log,
    ) => {
      const errors = new PublicErrors(logger, { suggestions: config.nodeEnv !== 'production' });
      return {
        path: GRAPHQL_PATH,
        autoSchemaFile: true,
        buildSchemaOptions,
        introspection: config.introspection,
        includeStacktraceInErrorResponses: false,
        // OperationChecks parses and validates. The answer to bad variables is short.
        documentStore: null,
        executionOptions: { maxCoercionErrors: MAX_VARIABLE_ERRORS },
        // The playground is served by ../playground, and PublicErrors formats the errors.
        graphiql: false,
        autoTransformHttpErrors: false,
        formatError: (_formatted, error) => errors.format(error),
        context: (request: ClientRequest, reply: FastifyReply) => {
          const token = bearerToken(request.headers.authorization as string | undefined);
          const verify =
            token === undefined ? rejectUnauthenticated : () => (isMfaEnrollmentToken(token) ? enrollmentVerifier : verifier).verify(token);
          return new GraphqlContext(request, verify, profiles, () => clientHeadersOf(request, config.trustedProxies), token, reply.raw);
        },
        // Cache hints would cost a hook around every field, and no response may be cached.
        plugins: [httpOperations(checks, errors), ApolloServerPluginCacheControlDisabled()],
      };
    },
  });
}
