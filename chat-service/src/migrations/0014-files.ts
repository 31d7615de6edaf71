import { createUploadTables, dropUploadTables } from '@chat/shared/uploads';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Attachments of messages and pictures of groups. A message without attachments has null in the new column, and writes no index more than before. */
export class Files1764000000014 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createUploadTables(queryRunner);
    // What upload_description gives, in the order of the sender; null without any.
    await queryRunner.query('alter table messages add column attachments jsonb');
    await queryRunner.query('alter table conversations add column picture_id uuid');
    // Where an upload is used; message_id is null for the picture of a group. A user may read the file as long as the row is here.
    await queryRunner.query(`
      create table attachments (
        upload_id uuid primary key,
        conversation_id uuid not null,
        message_id uuid
      )`);
    await queryRunner.query('create index attachments_of_message on attachments (message_id) where message_id is not null');
    // Uploads that are not used any more: ReleasedFiles removes them.
    await queryRunner.query('create table released_uploads (upload_id uuid primary key)');
    await queryRunner.query(`
      alter table user_deletions drop constraint if exists user_deletions_step_check,
        add constraint user_deletions_step_check
          check (step in ('conversations', 'messages without key', 'messages with key', 'reactions', 'mentions', 'files'))`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table released_uploads, attachments');
    await queryRunner.query('alter table conversations drop column picture_id');
    await queryRunner.query('alter table messages drop column attachments');
    await dropUploadTables(queryRunner);
  }
}
