import { createOutboxTable } from '@chat/shared/outbox';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Baseline1764000000001 implements MigrationInterface {
  name = 'Baseline1764000000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(ACCOUNTS_AND_SESSIONS);
    await queryRunner.query(SIGN_IN);
    await queryRunner.query(MAIL);
    await queryRunner.query(OAUTH);
    await createOutboxTable(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      drop table outbox, oauth_used_codes, oauth_used_id_tokens, oauth_codes, oauth_attempts, oauth_identities, mail_rate_limits, mail_requests,
        mail_tokens, sign_in_challenges, recovery_codes, totp_secrets, known_devices, audit_events, signing_keys, refresh_tokens, sessions,
        accounts`);
  }
}

const ACCOUNTS_AND_SESSIONS = `
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
    created_at timestamptz not null default now(),
    -- Incremented when all sessions are revoked, so that a sign-in in progress does not create a session afterwards.
    sessions_epoch integer not null default 0,
    email_verified_at timestamptz,
    -- Null: no MFA, or an enrolment that is not confirmed yet.
    totp_enabled_at timestamptz
  );

  -- Without a foreign key to accounts: the sessions of a deleted account stay until their last access token has expired, to be published as
  -- revoked. The lock of the account's row keeps a session from being created for an account that is being deleted, see SessionsService.
  create table sessions (
    id uuid primary key,
    user_id uuid not null,
    user_agent text,
    ip_address inet,
    created_at timestamptz not null default now(),
    last_used_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    revocation_published_at timestamptz
  );
  create index sessions_of_user on sessions (user_id);
  create index sessions_expiry on sessions (expires_at);
  create index sessions_revoked on sessions (revoked_at) where revoked_at is not null;
  create index sessions_not_published on sessions (revoked_at) where revoked_at is not null and revocation_published_at is null;

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
    created_at timestamptz not null default now(),
    signs_from timestamptz not null default now()
  );

  create table audit_events (
    id uuid primary key,
    user_id uuid not null references accounts on delete cascade,
    type text not null,
    session_id uuid,
    user_agent text,
    ip_address inet,
    details jsonb not null default '{}',
    created_at timestamptz not null
  );
  create index audit_events_of_user on audit_events (user_id, created_at desc);
`;

const SIGN_IN = `
  create table known_devices (
    user_id uuid not null references accounts on delete cascade,
    device_hash bytea not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    primary key (user_id, device_hash)
  );

  create table totp_secrets (
    user_id uuid primary key references accounts on delete cascade,
    encrypted_secret bytea not null,
    created_at timestamptz not null,
    -- The newest 30 seconds whose code was used: its code and older ones are not valid again.
    last_used_step int not null default 0,
    failed_codes int not null default 0,
    last_failed_at timestamptz
  );

  create table recovery_codes (
    user_id uuid not null references accounts on delete cascade,
    hash bytea not null,
    primary key (user_id, hash)
  );

  create table sign_in_challenges (
    token_hash bytea primary key,
    user_id uuid not null references accounts on delete cascade,
    method text not null,
    -- Of the account when the first factor was checked: a new password ends the sign-ins in progress.
    sessions_epoch int not null,
    failed_codes int not null default 0,
    expires_at timestamptz not null,
    oauth_code_hash bytea
  );
  create index sign_in_challenges_of_user on sign_in_challenges (user_id);
  create index sign_in_challenges_expiry on sign_in_challenges (expires_at);
`;

const MAIL = `
  create table mail_tokens (
    hash bytea primary key,
    user_id uuid not null references accounts on delete cascade,
    purpose text not null,
    expires_at timestamptz not null
  );
  create index mail_tokens_of_user on mail_tokens (user_id, purpose);
  create index mail_tokens_expiry on mail_tokens (expires_at);

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

  create table mail_rate_limits (
    key bytea primary key,
    used integer not null,
    window_ends_at timestamptz not null
  );
  create index mail_rate_limits_window_end on mail_rate_limits (window_ends_at);
`;

const OAUTH = `
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

  -- A code is recorded when it is used, before there is an account or a session.
  create table oauth_used_codes (
    hash bytea primary key,
    code_challenge text,
    user_id uuid references accounts on delete cascade,
    session_id uuid,
    expires_at timestamptz not null,
    replayed_at timestamptz
  );
  create index oauth_used_codes_expiry on oauth_used_codes (expires_at);
  create index oauth_used_codes_user on oauth_used_codes (user_id);
`;
