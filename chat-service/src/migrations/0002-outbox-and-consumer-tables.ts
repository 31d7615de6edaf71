import { createConsumerTables } from '@chat/shared/consumer';
import { createOutboxTable } from '@chat/shared/outbox';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables behind the events that chat-service announces and listens to. */
export class OutboxAndConsumerTables1795300000002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createOutboxTable(queryRunner);
    await createConsumerTables(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`drop table outbox, inbox, consumer_positions, consumer_epochs`);
  }
}
