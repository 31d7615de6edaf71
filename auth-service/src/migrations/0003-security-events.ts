import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What happened to each account. */
export class SecurityEvents1764000000003 implements MigrationInterface {
  name = 'SecurityEvents1764000000003';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table security_events (
        id uuid primary key,
        user_id uuid not null references accounts on delete cascade,
        type text not null,
        session_id uuid,
        user_agent text,
        ip_address inet,
        details jsonb not null default '{}',
        created_at timestamptz not null
      );
      create index security_events_of_user on security_events (user_id, created_at desc);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table security_events');
  }
}
