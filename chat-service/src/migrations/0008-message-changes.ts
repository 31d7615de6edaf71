import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Edits, replies, mentions and reactions. A message without them has null in the new columns, and writes no index more than before. The functions
 * store_message, store_messages and store_message_to_user get further parameters; sql/store_for_build_before.sql has those that the processes of the
 * build before call. Outside of a transaction, so that those processes can write meanwhile.
 */
export class MessageChanges1764000000008 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `alter table messages add column if not exists edited_at timestamptz(3), add column if not exists reply_to_id uuid,
         add column if not exists mentions uuid[]`,
    );
    // The mentions of a user that deletes the account. An index whose creation was interrupted stays, invalid.
    await queryRunner.query('drop index if exists messages_mentions');
    await queryRunner.query('create index concurrently messages_mentions on messages using gin (mentions) where mentions is not null');

    // Version 1 is the content as it was sent; the present content is in messages. created_at: from then on the message had this content.
    await queryRunner.query(`
      create table if not exists message_versions (
        message_id uuid not null,
        version int not null,
        content text not null,
        created_at timestamptz(3) not null,
        primary key (message_id, version)
      )`);

    // position: the order in which they were added.
    await queryRunner.query(`
      create table if not exists message_reactions (
        message_id uuid not null,
        user_id uuid not null,
        emoji text not null,
        position bigint not null generated always as identity,
        primary key (message_id, user_id, emoji)
      )`);
    await queryRunner.query('create index if not exists message_reactions_of_user on message_reactions (user_id)');

    await queryRunner.query(`
      alter table user_deletions drop constraint if exists user_deletions_step_check,
        add constraint user_deletions_step_check
          check (step in ('conversations', 'messages without key', 'messages with key', 'reactions', 'mentions'))`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table message_reactions, message_versions');
    await queryRunner.query('alter table messages drop column mentions, drop column reply_to_id, drop column edited_at');
  }
}
