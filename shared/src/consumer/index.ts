export { createConsumerTables, PositionConflictError, storePositions } from './consumer-positions.js';
export { DeadLetters, type DeadLetter } from './dead-letters.js';
export { createDeletedUsersTable, dropDeletedUsersTable, findDeletedUsers, recordDeletedUser } from './deleted-users.js';
export { EventContext } from './event-context.js';
export { deduplicateEvents } from './inbox.js';
export { KafkaEventsStrategy, type KafkaEventsOptions } from './kafka-events.strategy.js';
export type { AssignedPartition } from './partition-batches.js';
export type { PartitionPosition, ReceivedBatch, ReceivedEvent, SqlRunner } from './received-event.js';
