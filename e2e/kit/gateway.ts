import { inject } from 'vitest';
import { GraphqlClient } from '@chat/testkit/graphql-client';

declare module 'vitest' {
  interface ProvidedContext {
    gatewayUrl: string;
    /** Whether Google is a stand-in that anybody can sign in at. */
    hasGoogleStandIn: boolean;
    /** Where the services' logs are, of a system that was started for the tests. */
    logDir: string | null;
  }
}

/** A client of the system that global-setup.ts started. */
export function gateway(): GraphqlClient {
  return new GraphqlClient(inject('gatewayUrl'));
}
