import { limitDeletedUserLocks } from '@chat/shared/consumer';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Groups have up to 1,000 members. */
export class DeletedUserLocks1764000000004 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await limitDeletedUserLocks(queryRunner);
  }

  /** The function as it is now serves the build before as well. */
  async down(): Promise<void> {}
}
