import { limitDeletedUserLocks } from '@chat/shared/consumer';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** from_seq: the member sees the messages after it; 0 for the first members of a conversation, the only ones that the build before adds. */
export class GroupMemberships1764000000007 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table memberships add column from_seq int not null default 0');
    await limitDeletedUserLocks(queryRunner);
  }

  /** The function as it is now serves the build before as well. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table memberships drop column from_seq');
  }
}
