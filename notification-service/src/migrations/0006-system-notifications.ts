import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Notifications that stand for no message: their title is stored, and they have no conversation. */
export class SystemNotifications1764000000006 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table notifications
        add column title text,
        add column data jsonb,
        alter column conversation_id drop not null,
        alter column message_id drop not null,
        alter column sender_id drop not null,
        alter column seq drop not null,
        alter column count drop not null,
        add constraint notifications_complete check (
          case when type = 'MESSAGE' then num_nulls(conversation_id, message_id, sender_id, seq, count) = 0 else title is not null end)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`delete from notifications where type <> 'MESSAGE'`);
    await queryRunner.query(`
      alter table notifications
        drop constraint notifications_complete,
        drop column title,
        drop column data,
        alter column conversation_id set not null,
        alter column message_id set not null,
        alter column sender_id set not null,
        alter column seq set not null,
        alter column count set not null`);
  }
}
