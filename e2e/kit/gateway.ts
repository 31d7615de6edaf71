import { inject } from 'vitest';
import { GraphqlClient } from '@chat/testkit/graphql-client';

declare module 'vitest' {
  interface ProvidedContext {
    gatewayUrl: string;
    /** True if the system uses the fake Google of the testkit. */
    hasFakeGoogle: boolean;
    /** The folder of the services' logs, if the system was started for the tests. */
    logDir: string | null;
  }
}

/** A client of the system that global-setup.ts started. */
export function gateway(): GraphqlClient {
  return new GraphqlClient(inject('gatewayUrl'));
}
