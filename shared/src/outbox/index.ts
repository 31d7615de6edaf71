export { appendToOutbox, createOutboxTable } from './outbox.js';
export { OutboxModule } from './outbox.module.js';
export { OutboxRelay, type OutboxRelayOptions } from './outbox-relay.js';
