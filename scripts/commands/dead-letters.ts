/** `npm run dead-letters -- help`: starts shared/src/cli/dead-letters.ts, by default on the local system. */
import { main } from '../progress.ts';
import { runCli } from '../run-cli.ts';

await main(() =>
  runCli('shared/dist/cli/dead-letters.js', (run) =>
    run ? { KAFKA_BROKER: run.addresses.kafkaBroker, SCHEMA_REGISTRY_URL: run.addresses.schemaRegistryUrl } : {},
  ),
);
