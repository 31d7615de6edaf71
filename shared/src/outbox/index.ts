export { appendToOutbox, createOutboxTable } from './outbox.js';
export type { CommittedRows } from './offered-rows.js';
export { OutboxModule } from './outbox.module.js';
export { OutboxRelay, type OutboxRelayOptions } from './outbox-relay.js';
