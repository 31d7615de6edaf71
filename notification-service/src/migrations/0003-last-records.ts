import { addLastRecords, removeLastRecords } from '@chat/shared/consumer';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The identity of the last record before each position of the consumer. A position without one, of the build before, is accepted. */
export class LastRecords1764000000003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await addLastRecords(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await removeLastRecords(queryRunner);
  }
}
