import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which addresses are confirmed, the tokens that links in mails carry, and the mails on their way. */
export class Mail1764000000005 implements MigrationInterface {
  name = 'Mail1764000000005';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table accounts add column email_verified_at timestamptz;

      create table mail_tokens (
        user_id uuid not null references accounts on delete cascade,
        purpose text not null,
        hash bytea not null constraint mail_tokens_hash_key unique,
        expires_at timestamptz not null,
        primary key (user_id, purpose)
      );

      create table mail_requests (
        id uuid primary key,
        purpose text not null,
        email_normalised text not null,
        requested_at timestamptz not null,
        attempts integer not null default 0,
        next_attempt_at timestamptz not null,
        constraint mail_requests_one_of_a_kind unique (purpose, email_normalised)
      );
      create index mail_requests_due on mail_requests (next_attempt_at);

      create table mail_allowances (
        key bytea primary key,
        used integer not null,
        window_ends_at timestamptz not null
      );
      create index mail_allowances_ended on mail_allowances (window_ends_at);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      drop table mail_allowances, mail_requests, mail_tokens;
      alter table accounts drop column email_verified_at;
    `);
  }
}
