import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A code is noted when it is used, before there is an account or a session, and whether it came again; a sign-in that waits for its second
 * factor knows the code that it began with.
 */
export class RepeatedOAuthCodes1764000000010 implements MigrationInterface {
  name = 'RepeatedOAuthCodes1764000000010';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table oauth_used_codes
        alter column user_id drop not null,
        alter column session_id drop not null,
        add column came_again_at timestamptz;
      alter table sign_in_challenges add column oauth_code_hash bytea;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table sign_in_challenges drop column oauth_code_hash;
      delete from oauth_used_codes where session_id is null;
      alter table oauth_used_codes
        drop column came_again_at,
        alter column session_id set not null,
        alter column user_id set not null;
    `);
  }
}
