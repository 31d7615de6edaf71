import { limitDeletedUserLocks } from '@chat/shared/consumer';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * joined_seq: a member sees the messages after it; 0 for the first members of a conversation. The functions of the build before do not know it,
 * and add only such members.
 */
export class GroupMembers1764000000010 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table members add column joined_seq int not null default 0');
    await limitDeletedUserLocks(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table members drop column joined_seq');
  }
}
