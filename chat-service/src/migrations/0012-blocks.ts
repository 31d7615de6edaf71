import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The blocks of users. Sends read neither this table nor its indexes: a block is also on the row of the direct conversation, which they lock and read
 * anyway, and only a first message looks here.
 */
export class Blocks1764000000012 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table blocks (
        blocker_id uuid not null,
        blocked_id uuid not null,
        created_at timestamptz(3) not null,
        primary key (blocker_id, blocked_id),
        check (blocker_id <> blocked_id)
      )`);
    await queryRunner.query('create index blocks_of_blocked on blocks (blocked_id, blocker_id)');
    // One of the two members of a direct conversation has blocked the other.
    await queryRunner.query('alter table conversations add column is_blocked boolean not null default false');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table conversations drop column is_blocked');
    await queryRunner.query('drop table blocks');
  }
}
