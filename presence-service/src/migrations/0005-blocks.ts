import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The blocks of users, a projection of chat.user. */
export class Blocks1764000000005 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'create table blocks (user_id uuid not null, blocked_user_id uuid not null, primary key (user_id, blocked_user_id))',
    );
    await queryRunner.query('create index blocks_of_blocked on blocks (blocked_user_id, user_id)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table blocks');
  }
}
