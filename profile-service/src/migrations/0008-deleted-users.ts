import { createDeletedUsersTable, dropDeletedUsersTable } from '@chat/shared/consumer';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who deleted their account, so that nothing of them comes back. */
export class DeletedUsers1764000000008 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createDeletedUsersTable(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropDeletedUsersTable(queryRunner);
  }
}
