import { createConsumerTables, createDeletedUsersTable, dropDeletedUsersTable } from '@chat/shared/consumer';
import { createOutboxTable } from '@chat/shared/outbox';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Baseline1764000000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table profiles (
        id uuid primary key,
        user_id uuid not null unique,
        username text not null,
        first_name text,
        last_name text,
        bio text,
        location text,
        website text,
        phone_number text,
        birth_date date,
        is_public boolean not null default true,
        created_at timestamptz(3) not null,
        updated_at timestamptz(3) not null
      )`);
    // The primary key serves both sides of the join that finds common conversations; the members of a conversation are never listed.
    await queryRunner.query(`
      create table conversation_members (
        user_id uuid not null,
        conversation_id uuid not null,
        primary key (user_id, conversation_id)
      )`);
    await createOutboxTable(queryRunner);
    await createConsumerTables(queryRunner);
    await createDeletedUsersTable(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropDeletedUsersTable(queryRunner);
    await queryRunner.query('drop table if exists consumer_epochs, consumer_positions, inbox, outbox, conversation_members, profiles');
  }
}
