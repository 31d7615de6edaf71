import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which session a one-time code has opened, for the minute in which somebody else might come with the same code. */
export class UsedOAuthCodes1764000000009 implements MigrationInterface {
  name = 'UsedOAuthCodes1764000000009';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table oauth_used_codes (
        hash bytea primary key,
        code_challenge text,
        user_id uuid not null references accounts on delete cascade,
        session_id uuid not null,
        expires_at timestamptz not null
      );
      create index oauth_used_codes_expiry on oauth_used_codes (expires_at);
      create index oauth_used_codes_user on oauth_used_codes (user_id);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table oauth_used_codes');
  }
}
