import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What chat-service owns. The tables that every send writes have no foreign keys among them: each would cost a look-up
 * per row, and the functions that write them hold the conversation's lock anyway.
 */
export class ConversationsAndMessages1795300000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table users (
        user_id uuid primary key,
        registered_at timestamptz not null
      )`);

    // direct_low and direct_high are the two people of a direct conversation in order: a second one of the same two cannot exist.
    // Free room in the pages lets last_seq move without touching an index (HOT).
    await queryRunner.query(`
      create table conversations (
        id uuid primary key,
        kind text not null check (kind in ('DIRECT', 'GROUP')),
        title text,
        direct_low uuid,
        direct_high uuid,
        last_seq int not null default 0,
        last_message_at timestamptz(3),
        created_by uuid not null,
        created_at timestamptz(3) not null,
        constraint conversations_direct_pair unique (direct_low, direct_high),
        check ((kind = 'DIRECT') = (direct_low is not null and direct_high is not null)),
        check (direct_low < direct_high)
      ) with (fillfactor = 50)`);

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
        constraint messages_place unique (conversation_id, seq),
        constraint messages_client_key unique (sender_id, client_message_id)
      )`);
    await queryRunner.query(`create index messages_deleted on messages (conversation_id, seq) where deleted_at is not null`);

    // One row for each time a member's last_read_seq passed messages of others: the first step at or above a seq is when it was read.
    await queryRunner.query(`
      create table receipt_steps (
        conversation_id uuid not null,
        user_id uuid not null,
        seq int not null,
        read_at timestamptz(3) not null,
        primary key (conversation_id, user_id, seq)
      )`);

    // Members whose receipts moved and were not announced yet. A table of its own, not marks on members: an index over
    // those would make every send write all indexes of members. Rows come and go only under the lock of their member row.
    await queryRunner.query(`
      create table unannounced_receipts (
        conversation_id uuid not null,
        user_id uuid not null,
        primary key (conversation_id, user_id)
      ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`drop table unannounced_receipts, receipt_steps, messages, members, conversations, users`);
  }
}
