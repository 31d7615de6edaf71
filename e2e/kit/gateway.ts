import { inject } from 'vitest';
import { GraphqlClient } from './graphql-client.ts';

declare module 'vitest' {
  interface ProvidedContext {
    gatewayUrl: string;
    /** Whether Google is a stand-in that anybody can sign in at. */
    hasGoogleStandIn: boolean;
  }
}

/** A client of the system that global-setup.ts started. */
export function gateway(): GraphqlClient {
  return new GraphqlClient(inject('gatewayUrl'));
}
