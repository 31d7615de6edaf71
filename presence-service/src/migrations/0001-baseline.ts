import { createConsumerTables, createDeletedUsersTable, dropDeletedUsersTable } from '@chat/shared/consumer';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Baseline1764000000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table users (
        user_id uuid primary key,
        chosen_status text not null default 'ONLINE' check (chosen_status in ('ONLINE', 'OFFLINE', 'AWAY', 'BUSY')),
        is_public boolean not null default true,
        present boolean not null default false,
        left_at timestamptz(3),
        last_seen_at timestamptz(3),
        published_status text not null default 'OFFLINE' check (published_status in ('ONLINE', 'OFFLINE', 'AWAY', 'BUSY')),
        published_is_public boolean not null default true
      )`);
    // The users that must be in the check queue, see PresenceWorker.
    await queryRunner.query(`
      create index users_to_check on users (user_id)
      where present or published_status <> 'OFFLINE' or published_is_public <> is_public`);
    // Both sides of "do these two users share a conversation" use the primary key; the members of a conversation are never listed.
    await queryRunner.query(`
      create table conversation_members (
        user_id uuid not null,
        conversation_id uuid not null,
        primary key (user_id, conversation_id)
      )`);
    await createConsumerTables(queryRunner);
    await createDeletedUsersTable(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropDeletedUsersTable(queryRunner);
    await queryRunner.query('drop table if exists consumer_epochs, consumer_positions, inbox, conversation_members, users');
  }
}
