import { createConsumerTables } from '@chat/shared/consumer';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Inbox, positions and epochs of the consumer group. The position of chat.conversation is also the head of the feed. */
export class CreateConsumerTables1764000000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createConsumerTables(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table inbox, consumer_positions, consumer_epochs');
  }
}
