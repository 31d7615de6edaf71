import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateNotifications1764000000003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table people (
        user_id uuid primary key,
        username text not null,
        first_name text,
        last_name text,
        -- When the names became what they are; an older event changes nothing.
        named_at timestamptz not null
      )`);

    // Up to which seq a member needs no notification any more: they read it, or sent a message themselves.
    // This row is the lock of everything that touches the notifications of (conversation, user): take it first.
    await queryRunner.query(`
      create table read_states (
        conversation_id uuid not null,
        user_id uuid not null,
        read_seq int not null default 0,
        primary key (conversation_id, user_id)
      )`);

    await queryRunner.query(`
      create table notifications (
        id uuid primary key,
        user_id uuid not null,
        type text not null,
        conversation_id uuid not null,
        message_id uuid not null,
        sender_id uuid not null,
        -- Of the newest message that it stands for, as are message_id, sender_id, message and created_at.
        seq int not null,
        count int not null,
        message text not null,
        read boolean not null,
        created_at timestamptz not null
      )`);
    // Unread messages of a conversation are folded into one.
    await queryRunner.query(
      `create unique index notifications_open on notifications (conversation_id, user_id) where type = 'MESSAGE' and not read`,
    );
    await queryRunner.query('create index notifications_newest on notifications (user_id, created_at desc, id desc)');
    await queryRunner.query('create index notifications_unread on notifications (user_id, created_at desc, id desc) where not read');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table notifications, read_states, people');
  }
}
