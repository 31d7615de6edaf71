/** `npm run dead-letters -- help`: the command line of shared/src/cli/dead-letters.ts on the system that runs here. */
import { main } from '../progress.ts';
import { runCli } from '../run-cli.ts';

await main(() =>
  runCli('shared/dist/cli/dead-letters.js', ({ addresses: { kafkaBroker, schemaRegistryUrl } }) => ({
    KAFKA_BROKER: kafkaBroker,
    SCHEMA_REGISTRY_URL: schemaRegistryUrl,
  })),
);
