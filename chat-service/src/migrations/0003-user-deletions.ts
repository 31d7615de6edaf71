import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The users whose data still has to be deleted, and how far that is (users/sql/continue_user_deletion.sql). Comes with the functions
 * store_message, store_messages, store_first_message and advance_read_receipt; those that they replace stay for the processes of the build before.
 */
export class UserDeletions1764000000003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table user_deletions (
        user_id uuid primary key,
        deleted_at timestamptz(3) not null,
        step text not null default 'conversations' check (step in ('conversations', 'messages without key', 'messages with key')),
        after_conversation_id uuid not null default '00000000-0000-0000-0000-000000000000',
        after_key text not null default ''
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table user_deletions');
  }
}
