import { createOutboxTable } from '@chat/shared/outbox';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where UserRegistered waits for the relay. */
export class Outbox1764000000002 implements MigrationInterface {
  name = 'Outbox1764000000002';

  async up(queryRunner: QueryRunner): Promise<void> {
    await createOutboxTable(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table outbox');
  }
}
