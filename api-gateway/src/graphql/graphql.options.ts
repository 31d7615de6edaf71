import { AccessTokenVerifier, bearerToken, isMfaEnrollmentToken, MfaEnrollmentTokenVerifier } from '@chat/shared/auth';
import { LOGGER, type Log } from '@chat/shared/observability';
import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { GraphQLModule } from '@nestjs/graphql';
import type { DynamicModule } from '@nestjs/common';
import { GraphQLError } from 'graphql';
import { STREAM_EVENT_TYPES } from '../streams/stream-event.types.js';
import { GatewayConfig } from '../config.js';
import { ProfileClient } from '../clients/profile.client.js';
import { type ClientRequest, clientHeadersOf } from '../clients/client-headers.js';
import { rejectUnauthenticated } from './access.errors.js';
import { documentLimits, PARSE_OPTIONS } from './document-limits.js';
import { GraphqlContext } from './graphql-context.js';
import { PublicErrors } from './public-errors.js';

export const GRAPHQL_PATH = '/graphql';

/** Also used when only the SDL is made. */
export const SCHEMA_OPTIONS = { orphanedTypes: STREAM_EVENT_TYPES };

const refuseSubscriptions: ApolloServerPlugin = {
  requestDidStart: async () => ({
    async didResolveOperation({ operation }) {
      if (operation?.operation !== 'subscription') return;
      throw new GraphQLError('Subscriptions need a WebSocket: graphql-transport-ws on the same path.', {
        extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
      });
    },
  }),
};

/** GraphQL over HTTP. Subscriptions have a server of their own, see ../sockets. */
export function graphqlModule(): DynamicModule {
  return GraphQLModule.forRootAsync<ApolloDriverConfig>({
    driver: ApolloDriver,
    inject: [GatewayConfig, AccessTokenVerifier, MfaEnrollmentTokenVerifier, ProfileClient, LOGGER],
    useFactory: (
      config: GatewayConfig,
      verifier: AccessTokenVerifier,
      enrollmentVerifier: MfaEnrollmentTokenVerifier,
      profiles: ProfileClient,
      logger: Log,
    ) => {
      const errors = new PublicErrors(logger, { suggestions: config.nodeEnv !== 'production' });
      return {
        path: GRAPHQL_PATH,
        autoSchemaFile: true,
        buildSchemaOptions: SCHEMA_OPTIONS,
        introspection: config.introspection,
        hideSchemaDetailsFromClientErrors: config.nodeEnv === 'production',
        includeStacktraceInErrorResponses: false,
        parseOptions: PARSE_OPTIONS,
        validationRules: [documentLimits],
        // The playground has its own pages, errors their own form.
        graphiql: false,
        autoTransformHttpErrors: false,
        formatError: (_formatted, error) => errors.format(error),
        context: (request: ClientRequest) => {
          const token = bearerToken(request.headers.authorization as string | undefined);
          const verify =
            token === undefined ? rejectUnauthenticated : () => (isMfaEnrollmentToken(token) ? enrollmentVerifier : verifier).verify(token);
          return new GraphqlContext(request, verify, profiles, () => clientHeadersOf(request, config.trustedProxies), token);
        },
        // Cache hints would cost a hook around every field, and no answer here may be cached.
        plugins: [refuseSubscriptions, ApolloServerPluginCacheControlDisabled()],
      };
    },
  });
}
