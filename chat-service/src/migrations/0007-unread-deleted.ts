import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How many messages above the last_read_seq of a member are deleted, so that the unread count reads no message. A trigger counts them. The SQL file
 * recount_unread_deleted counts what the build before has deleted, once the functions that maintain the column are there. Outside of a transaction,
 * so that the processes of that build can write meanwhile.
 */
export class UnreadDeleted1764000000007 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table members add column if not exists unread_deleted int not null default 0');
    // The processes of the build before call it; its own body would not maintain the column.
    await queryRunner.query(`
      create or replace function advance_read_receipt(p_conversation_id uuid, p_user_id uuid, p_seq int) returns boolean
      language plpgsql as $$
      begin
        return case (select a.outcome from advance_receipts(array[p_conversation_id], array[p_user_id], array[p_seq], array[p_seq], 0) a)
          when 'locked' then null when 'advanced' then true else false end;
      end $$`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop trigger message_deleted on messages');
    await queryRunner.query('drop function advance_read_receipt');
    await queryRunner.query('alter table members drop column unread_deleted');
  }
}
