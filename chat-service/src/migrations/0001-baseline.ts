import { createConsumerTables, createDeletedUsersTable, dropDeletedUsersTable } from '@chat/shared/consumer';
import { createOutboxTable } from '@chat/shared/outbox';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The tables that every send writes have no foreign keys among them: each would cost a look-up per row, and the functions that write them hold
 * the lock of the conversation anyway.
 */
export class Baseline1764000000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table users (
        user_id uuid primary key,
        registered_at timestamptz not null
      )`);

    // direct_low and direct_high are the two members of a direct conversation in order, so a second one of the same two cannot exist.
    // is_closed: one of the two deleted the account. It is on the row that every send locks and reads anyway.
    // Free space in the pages allows updates of last_seq in place, without writing an index (HOT).
    await queryRunner.query(`
      create table conversations (
        id uuid primary key,
        kind text not null check (kind in ('DIRECT', 'GROUP')),
        title text,
        direct_low uuid,
        direct_high uuid,
        last_seq int not null default 0,
        last_message_at timestamptz(3),
        is_closed boolean not null default false,
        created_by uuid not null,
        created_at timestamptz(3) not null,
        constraint conversations_direct_pair unique (direct_low, direct_high),
        check ((kind = 'DIRECT') = (direct_low is not null and direct_high is not null)),
        check (direct_low < direct_high)
      ) with (fillfactor = 50)`);

    // last_read_seq and last_delivered_seq only increase; last_read_seq is never below the member's own newest message.
    await queryRunner.query(`
      create table members (
        conversation_id uuid not null references conversations (id),
        user_id uuid not null,
        role text not null check (role in ('OWNER', 'ADMIN', 'MEMBER')),
        last_read_seq int not null default 0,
        last_delivered_seq int not null default 0,
        joined_at timestamptz(3) not null,
        primary key (conversation_id, user_id),
        check (last_delivered_seq >= last_read_seq)
      ) with (fillfactor = 50)`);
    await queryRunner.query(`create index members_of_user on members (user_id, conversation_id)`);

    // seq is dense from 1 within a conversation; a client_message_id is unique for its sender for ever.
    await queryRunner.query(`
      create table messages (
        id uuid primary key,
        conversation_id uuid not null,
        seq int not null,
        sender_id uuid not null,
        client_message_id text,
        content text not null,
        created_at timestamptz(3) not null,
        deleted_at timestamptz(3),
        constraint messages_seq unique (conversation_id, seq),
        constraint messages_client_key unique (sender_id, client_message_id)
      )`);
    await queryRunner.query(`create index messages_deleted on messages (conversation_id, seq) where deleted_at is not null`);

    // One row for each time that a member's last_read_seq passed messages of others: the first row at or above a seq has the time of reading it.
    await queryRunner.query(`
      create table read_receipt_history (
        conversation_id uuid not null,
        user_id uuid not null,
        seq int not null,
        read_at timestamptz(3) not null,
        primary key (conversation_id, user_id, seq)
      )`);

    // Members whose receipts advanced without an event so far. A table of its own and not a column of members: an index on that column would
    // make every send write all indexes of members. Rows are inserted and deleted only under the lock of their member row.
    await queryRunner.query(`
      create table pending_receipt_events (
        conversation_id uuid not null,
        user_id uuid not null,
        primary key (conversation_id, user_id)
      ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)`);

    await createOutboxTable(queryRunner);
    await createConsumerTables(queryRunner);
    await createDeletedUsersTable(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropDeletedUsersTable(queryRunner);
    await queryRunner.query(
      `drop table if exists consumer_epochs, consumer_positions, inbox, outbox,
         pending_receipt_events, read_receipt_history, messages, members, conversations, users`,
    );
  }
}
