import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Until when members have muted conversations, and which users have blocked which. An event of the feed may be for one member only. */
export class MutesAndBlocks1764000000008 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table read_states add column muted_until timestamptz');
    // Null: for all members.
    await queryRunner.query('alter table feed_events add column audience_user_id uuid');
    await queryRunner.query(
      'create table blocks (user_id uuid not null, blocked_user_id uuid not null, primary key (user_id, blocked_user_id))',
    );
    await queryRunner.query('create index blocks_of_blocked on blocks (blocked_user_id, user_id)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table blocks');
    await queryRunner.query('alter table feed_events drop column audience_user_id');
    await queryRunner.query('alter table read_states drop column muted_until');
  }
}
