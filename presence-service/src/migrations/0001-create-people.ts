import { createConsumerTables } from '@chat/shared/consumer';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreatePeople1764000000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table people (
        user_id uuid primary key,
        chosen_status text not null default 'ONLINE' check (chosen_status in ('ONLINE', 'OFFLINE', 'AWAY', 'BUSY')),
        is_public boolean not null default true,
        present boolean not null default false,
        left_at timestamptz(3),
        last_seen_at timestamptz(3),
        announced_status text not null default 'OFFLINE' check (announced_status in ('ONLINE', 'OFFLINE', 'AWAY', 'BUSY')),
        announced_is_public boolean not null default true
      )`);
    // Who has to be in the due set, see PresenceWatch.
    await queryRunner.query(`
      create index people_to_sweep on people (user_id)
      where present or announced_status <> 'OFFLINE' or announced_is_public <> is_public`);
    // Both sides of "do these two share a conversation" are found by the primary key; a conversation's members are never listed.
    await queryRunner.query(`
      create table conversation_members (
        user_id uuid not null,
        conversation_id uuid not null,
        primary key (user_id, conversation_id)
      )`);
    await createConsumerTables(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table if exists consumer_epochs, consumer_positions, inbox, conversation_members, people');
  }
}
