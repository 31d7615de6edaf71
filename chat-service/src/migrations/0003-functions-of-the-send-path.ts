import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OPEN_DIRECT_CONVERSATION, SEND_FIRST_MESSAGE } from './sql/direct-conversations.sql.js';
import { MESSAGE_CREATED, RFC3339 } from './sql/event-texts.sql.js';
import { ANNOUNCE_RECEIPTS, MARK_READ } from './sql/receipts.sql.js';
import { SEND_MESSAGE } from './sql/send-message.sql.js';
import { SEND_MESSAGES } from './sql/send-messages.sql.js';

/** A change to one of these functions is a new migration with the whole function: `create or replace`. */
export class FunctionsOfTheSendPath1795300000003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const definition of [
      RFC3339,
      MESSAGE_CREATED,
      SEND_MESSAGE,
      SEND_MESSAGES,
      OPEN_DIRECT_CONVERSATION,
      SEND_FIRST_MESSAGE,
      MARK_READ,
      ANNOUNCE_RECEIPTS,
    ])
      await queryRunner.query(definition);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `drop function announce_receipts, mark_read, send_first_message, open_direct_conversation, send_messages, send_message, message_created, rfc3339`,
    );
  }
}
