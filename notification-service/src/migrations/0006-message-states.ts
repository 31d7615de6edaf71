import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The present state of messages that were changed since they were sent (feed/message-states.ts); events of such a message have its id, all others
 * null there.
 */
export class MessageStates1764000000006 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table feed_events add column message_id uuid');
    await queryRunner.query(`
      create table feed_messages (
        message_id uuid primary key,
        conversation_id uuid not null,
        sender_id uuid not null,
        -- A FeedMessage as JSON text.
        payload text not null,
        -- The users beside the sender of whom it contains something: mentions and reactions.
        user_ids uuid[] not null,
        is_deleted boolean not null,
        changed_at timestamptz not null default clock_timestamp()
      );
      -- For the deletion of a user.
      create index feed_messages_conversation on feed_messages (conversation_id);
      -- For the retention.
      create index feed_messages_changed on feed_messages (changed_at)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table feed_messages');
    await queryRunner.query('alter table feed_events drop column message_id');
  }
}
