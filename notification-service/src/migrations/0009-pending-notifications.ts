import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The events of large groups whose notifications are changed after their publication (feed/pending-notifications.ts). Comes with feed/sql/record_events.sql,
 * which takes the size of a large group; the function without it stays for the build before, which changes all notifications at once.
 */
export class PendingNotifications1764000000009 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table pending_notifications (
        conversation_id uuid not null,
        -- The position of the event in the feed.
        epoch int not null,
        "offset" bigint not null,
        partition int not null,
        -- A FactKind.
        kind text not null,
        -- The only member whose notification it changes; null: it may change those of all members.
        user_id uuid,
        primary key (conversation_id, epoch, "offset")
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table pending_notifications');
  }
}
