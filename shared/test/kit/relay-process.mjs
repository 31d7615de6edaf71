// A relay in a process of its own, to be killed: `node relay-process.mjs '<options as JSON>'`. Runs what was compiled.
import { DatabaseConfig } from '../../dist/config/index.js';
import { OutboxRelay } from '../../dist/outbox/index.js';

const { databaseUrl, schema, kafka } = JSON.parse(process.argv[2]);
const log = { debug() {}, info: (_fields, text) => console.log(text), warn() {}, error() {} };
new OutboxRelay({ config: DatabaseConfig.fromUrl(databaseUrl), schema, kafka, logger: log }).start();
process.on('disconnect', () => process.exit());
