import { createDeletedUsersTable, dropDeletedUsersTable } from '@chat/shared/consumer';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OPEN_DIRECT_CONVERSATION, SEND_FIRST_MESSAGE, SEND_MESSAGE, SEND_MESSAGES } from './sql/closed-conversations.sql.js';
import * as before from './sql/direct-conversations.sql.js';
import * as beforeOne from './sql/send-message.sql.js';
import * as beforeMany from './sql/send-messages.sql.js';

/** Who deleted the account, and their direct conversations, which nobody can write to any more. */
export class DeletedUsers1795300000008 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createDeletedUsersTable(queryRunner);
    // On the row that every send locks and reads anyway.
    await queryRunner.query(`alter table conversations add column is_closed boolean not null default false`);
    for (const definition of [SEND_MESSAGE, SEND_MESSAGES, OPEN_DIRECT_CONVERSATION, SEND_FIRST_MESSAGE])
      await queryRunner.query(definition);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const definition of [beforeOne.SEND_MESSAGE, beforeMany.SEND_MESSAGES, before.OPEN_DIRECT_CONVERSATION, before.SEND_FIRST_MESSAGE])
      await queryRunner.query(definition.replace('create function', 'create or replace function'));
    await queryRunner.query('alter table conversations drop column is_closed');
    await dropDeletedUsersTable(queryRunner);
  }
}
