import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Accounts count how often all their sessions were ended, so that a sign-in that was under way meanwhile does not survive it; signing keys
 * know from when on they sign.
 */
export class SessionEpochsAndKeyRotation1764000000004 implements MigrationInterface {
  name = 'SessionEpochsAndKeyRotation1764000000004';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table accounts add column sessions_epoch integer not null default 0;
      alter table signing_keys add column signs_from timestamptz not null default now();
      update signing_keys set signs_from = created_at;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table signing_keys drop column signs_from; alter table accounts drop column sessions_epoch');
  }
}
