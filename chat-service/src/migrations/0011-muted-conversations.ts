import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Until when a member has muted a conversation. */
export class MutedConversations1764000000011 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table members add column muted_until timestamptz(3)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table members drop column muted_until');
  }
}
