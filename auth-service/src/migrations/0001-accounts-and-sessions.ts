import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Accounts, their sessions with the refresh tokens, and the keys that tokens are signed with. */
export class AccountsAndSessions1764000000001 implements MigrationInterface {
  name = 'AccountsAndSessions1764000000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table accounts (
        id uuid primary key,
        email text not null,
        email_normalised text not null constraint accounts_email_normalised_key unique,
        username text not null,
        username_normalised text not null constraint accounts_username_normalised_key unique,
        password_hash text,
        first_name text,
        last_name text,
        provider text not null default 'local',
        created_at timestamptz not null default now()
      );

      create table sessions (
        id uuid primary key,
        user_id uuid not null references accounts on delete cascade,
        user_agent text,
        ip_address inet,
        created_at timestamptz not null default now(),
        last_used_at timestamptz not null,
        expires_at timestamptz not null,
        revoked_at timestamptz,
        revocation_announced_at timestamptz
      );
      create index sessions_of_user on sessions (user_id);
      create index sessions_expiry on sessions (expires_at);
      create index sessions_revoked on sessions (revoked_at) where revoked_at is not null;
      create index sessions_not_announced on sessions (revoked_at) where revoked_at is not null and revocation_announced_at is null;

      create table refresh_tokens (
        hash bytea primary key,
        session_id uuid not null references sessions on delete cascade,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null,
        spent_at timestamptz
      );
      create index refresh_tokens_of_session on refresh_tokens (session_id);
      create index refresh_tokens_expiry on refresh_tokens (expires_at);

      create table signing_keys (
        kid text primary key,
        public_jwk jsonb not null,
        private_key bytea not null,
        created_at timestamptz not null default now()
      );
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table signing_keys, refresh_tokens, sessions, accounts');
  }
}
