import type { MigrationInterface, QueryRunner } from 'typeorm';

/** For NotificationRetention. Outside of a transaction, so that the processes of the build before can write meanwhile. */
export class RetentionIndexes1764000000004 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // An index whose creation was interrupted stays, invalid.
    await this.down(queryRunner);
    await queryRunner.query('create index concurrently notifications_read on notifications (created_at) where read');
    await queryRunner.query('create index concurrently inbox_handled_at on inbox (handled_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index if exists notifications_read, inbox_handled_at');
  }
}
