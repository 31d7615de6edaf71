import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The keys that operators have withdrawn. There are few, and their ids never come again. */
export class WithdrawnSigningKeys1764000000002 implements MigrationInterface {
  name = 'WithdrawnSigningKeys1764000000002';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table withdrawn_signing_keys (
        kid text primary key,
        withdrawn_at timestamptz not null default now()
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table withdrawn_signing_keys');
  }
}
