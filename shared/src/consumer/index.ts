export { PositionConflictError, storePositions, type PartitionPosition } from './consumer-positions.js';
export { addInboxPurges, addLastRecords, createConsumerTables, removeInboxPurges, removeLastRecords } from './consumer-tables.js';
export type { DeadLetter } from './dead-letter.js';
export { DeadLetters } from './dead-letters.js';
export {
  createDeletedUsersTable,
  dropDeletedUsersTable,
  findDeletedUsers,
  limitDeletedUserLocks,
  listDeletedUsers,
  recordDeletedUser,
} from './deleted-users.js';
export { EventContext } from './event-context.js';
export { deduplicateEvents } from './inbox.js';
export { KafkaEventsStrategy, type KafkaEventsOptions } from './kafka-events.strategy.js';
export type { AssignedPartition } from './partition-batches.js';
export type { ReceivedBatch, ReceivedEvent } from './received-event.js';
export { type DeletionState, UserDeletionWorker } from './user-deletion-worker.js';
export type { SqlRunner } from '../database/index.js';
