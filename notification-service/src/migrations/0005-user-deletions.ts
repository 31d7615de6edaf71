import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The users whose data still has to be deleted, and how far that is in the feed of the present conversation (feed/delete-user.ts). */
export class UserDeletions1764000000005 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table user_deletions (
        user_id uuid primary key,
        deleted_at timestamptz not null,
        after_epoch int not null default -1,
        after_partition int not null default -1,
        after_offset bigint not null default -1
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table user_deletions');
  }
}
