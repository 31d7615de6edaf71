import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The sessions of a deleted account stay for a while, to be announced as revoked. That none is opened for an account that is being deleted
 * is seen to by the lock of the account's row, see SessionsService.open.
 */
export class SessionsOutliveAccounts1764000000008 implements MigrationInterface {
  name = 'SessionsOutliveAccounts1764000000008';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table sessions drop constraint sessions_user_id_fkey');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('delete from sessions where user_id not in (select id from accounts)');
    await queryRunner.query(
      'alter table sessions add constraint sessions_user_id_fkey foreign key (user_id) references accounts on delete cascade',
    );
  }
}
