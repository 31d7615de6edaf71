import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import { type AppError, PUBLIC_CODES } from '@chat/shared/errors';
import { rateLimited } from '@chat/shared/rate-limits';
import { type DocumentNode, GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import { answerLength, answerTooLong, MAX_ANSWER_CHARACTERS } from './answer-length.js';
import type { GraphqlContext } from './graphql-context.js';
import type { OperationChecks } from './operation-checks.js';
import type { PublicErrors } from './public-errors.js';
import { UnreadAnswers } from './unread-answers.js';

const EMPTY_DOCUMENT: DocumentNode = { kind: Kind.DOCUMENT, definitions: [] };

const SUBSCRIPTION_OVER_HTTP = new GraphQLError(
  'Subscriptions need a WebSocket with the subprotocol graphql-transport-ws on the same path.',
  {
    extensions: { code: PUBLIC_CODES.invalid, http: { status: 400 } },
  },
);

/**
 * Has Apollo execute what OperationChecks accepts: Apollo neither parses nor validates a document that is there already. A refused operation is
 * answered with 400, or 429 if it exceeds a rate limit. `Retry-After` is in each answer with `retryAfterSeconds`.
 */
export function httpOperations(checks: OperationChecks, errors: PublicErrors): ApolloServerPlugin<GraphqlContext> {
  const unreadAnswers = new UnreadAnswers();
  const refusalOf = async (answer: object, context: GraphqlContext): Promise<AppError | null> => {
    const length = answerLength(answer);
    if (length > MAX_ANSWER_CHARACTERS) return answerTooLong();
    const { user, address } = await context.source();
    const isRoom = !context.response || unreadAnswers.add(user ?? address ?? '', length, context.response);
    return isRoom ? null : rateLimited('operation/unread-answers', 1000);
  };
  return {
    requestDidStart: async () => {
      let refused: GraphQLFormattedError[] | null = null;
      return {
        async didResolveSource(context) {
          const { request, schema, source, contextValue } = context;
          const result = checks.check(schema, { ...request, query: source }, await contextValue.source());
          if (Array.isArray(result)) refused = result.map((error) => errors.format(error));
          (context as { document?: DocumentNode }).document = Array.isArray(result) ? EMPTY_DOCUMENT : result;
        },
        async didResolveOperation({ operation }) {
          if (operation?.operation === 'subscription') throw SUBSCRIPTION_OVER_HTTP;
        },
        async responseForOperation() {
          if (!refused) return null;
          const status = refused.some(({ extensions }) => extensions?.code === PUBLIC_CODES['rate-limited']) ? 429 : 400;
          return { http: { status, headers: new HeaderMap() }, body: { kind: 'single', singleResult: { errors: refused } } };
        },
        async willSendResponse({ response, contextValue }) {
          const { body } = response;
          const refusal = body.kind === 'single' ? await refusalOf(body.singleResult, contextValue) : null;
          if (refusal?.kind === 'rate-limited') response.http.status = 429;
          if (refusal) response.body = { kind: 'single', singleResult: { errors: [errors.format(refusal)] } };
          const result = response.body.kind === 'single' ? response.body.singleResult : null;
          const waits = (result?.errors ?? []).map(({ extensions }) => Number(extensions?.retryAfterSeconds)).filter(Number.isFinite);
          if (waits.length > 0) response.http.headers.set('retry-after', String(Math.ceil(Math.max(...waits))));
        },
      };
    },
  };
}
