import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Whether the ConversationCreated of a conversation was written to the outbox for chat.membership as well. It is false for all conversations of the
 * build before: its functions open_direct_conversation and store_first_message stay for its processes, and do not know the column. No row of the
 * outbox is written here, because the relay of that build cannot publish it; MembershipBackfill does it. Outside of a transaction, so that those
 * processes can write meanwhile.
 */
export class MembershipRecords1764000000005 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table conversations add column if not exists has_membership_record boolean not null default false');
    // An index whose creation was interrupted stays, invalid.
    await queryRunner.query('drop index if exists conversations_without_membership_record');
    await queryRunner.query(
      'create index concurrently conversations_without_membership_record on conversations (id) where not has_membership_record',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table conversations drop column has_membership_record');
  }
}
