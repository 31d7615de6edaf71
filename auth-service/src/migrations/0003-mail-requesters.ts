import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A request for a mail knows the address of its client, for the rate limit of that address, and whether its link replaces earlier ones.
 * `mail_rate_limits` stays for the processes of the build before.
 */
export class MailRequesters1764000000003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'alter table mail_requests add column requester_address text, add column replaces_links boolean not null default false',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table mail_requests drop column requester_address, drop column replaces_links');
  }
}
