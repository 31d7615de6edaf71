import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The second factor of an account, sign-ins that wait for it, and the devices that an account was signed in from. */
export class SecondFactorAndKnownDevices1764000000006 implements MigrationInterface {
  name = 'SecondFactorAndKnownDevices1764000000006';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table known_devices (
        user_id uuid not null references accounts on delete cascade,
        device_hash bytea not null,
        first_seen_at timestamptz not null,
        last_seen_at timestamptz not null,
        primary key (user_id, device_hash)
      );

      -- Null: no second factor, or one whose setup was not confirmed yet.
      alter table accounts add column totp_enabled_at timestamptz;

      create table totp_secrets (
        user_id uuid primary key references accounts on delete cascade,
        encrypted_secret bytea not null,
        created_at timestamptz not null,
        -- The newest 30 seconds whose code was used: it and older ones are not taken again.
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
        -- Of the account when the first factor was shown: a new password ends what is under way.
        sessions_epoch int not null,
        failed_codes int not null default 0,
        expires_at timestamptz not null
      );
      create index sign_in_challenges_of_user on sign_in_challenges (user_id);
      create index sign_in_challenges_expiry on sign_in_challenges (expires_at);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table sign_in_challenges, recovery_codes, totp_secrets, known_devices');
    await queryRunner.query('alter table accounts drop column totp_enabled_at');
  }
}
