import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Accounts' identities at other providers, and what a sign-in there leaves for a few minutes. */
export class OAuth1764000000007 implements MigrationInterface {
  name = 'OAuth1764000000007';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table oauth_identities (
        provider text not null,
        subject text not null,
        user_id uuid not null references accounts on delete cascade,
        email text,
        linked_at timestamptz not null,
        primary key (provider, subject),
        constraint oauth_identities_one_of_each unique (user_id, provider)
      );

      create table oauth_attempts (
        state_hash bytea primary key,
        browser_hash bytea not null,
        provider text not null,
        platform text not null,
        code_challenge text,
        encrypted_verifier bytea not null,
        expires_at timestamptz not null
      );
      create index oauth_attempts_expiry on oauth_attempts (expires_at);

      create table oauth_codes (
        hash bytea primary key,
        identity jsonb not null,
        code_challenge text,
        expires_at timestamptz not null
      );
      create index oauth_codes_expiry on oauth_codes (expires_at);

      create table oauth_used_id_tokens (
        hash bytea primary key,
        expires_at timestamptz not null
      );
      create index oauth_used_id_tokens_expiry on oauth_used_id_tokens (expires_at);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table oauth_used_id_tokens, oauth_codes, oauth_attempts, oauth_identities');
  }
}
