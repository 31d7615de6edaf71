import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What advance_receipts needs to write a member row and to publish its event at most once in an interval, and to space the events of a large group.
 * The function advance_read_receipt stays for the processes of the build before. Outside of a transaction, so that those can write meanwhile.
 */
export class CoalescedReceipts1764000000006 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // When reading or delivery last wrote the row. Null: never.
    await queryRunner.query('alter table members add column if not exists receipts_written_at timestamptz(3)');
    await queryRunner.query('alter table pending_receipt_events add column if not exists due_at timestamptz(3) not null default now()');
    // An index whose creation was interrupted stays, invalid.
    await queryRunner.query('drop index if exists pending_receipt_events_due');
    await queryRunner.query('create index concurrently pending_receipt_events_due on pending_receipt_events (due_at)');
    // Only of large groups: the time from which on the next event of a receipt may be published.
    await queryRunner.query(`
      create table if not exists receipt_event_spacing (
        conversation_id uuid primary key,
        next_at timestamptz(3) not null
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table receipt_event_spacing');
    await queryRunner.query('alter table pending_receipt_events drop column due_at');
    await queryRunner.query('alter table members drop column receipts_written_at');
  }
}
