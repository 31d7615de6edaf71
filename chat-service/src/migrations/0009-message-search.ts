import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The tables of the search (decision 0027). No send writes them: SearchIndexer does, also for the messages that exist already. A trigger
 * (record_message_changes.sql) records changed messages, so that every way to change one is included, those of the build before, too.
 */
export class MessageSearch1764000000009 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // The texts, as searchText gives them, of messages that are not in a complete block.
    await queryRunner.query(`
      create table message_search (
        conversation_id uuid not null,
        seq int not null,
        text text collate "C" not null,
        primary key (conversation_id, seq)
      ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)`);

    // The texts of the messages of each complete block, with U+0001 between them. Most are not so long that they are stored outside of the row.
    await queryRunner.query(`
      create table message_search_texts (
        conversation_id uuid not null,
        block int not null,
        text text collate "C" not null,
        primary key (conversation_id, block)
      ) with (toast_tuple_target = 8160)`);
    await queryRunner.query('alter table message_search_texts alter column text set storage main');

    // What the messages of each complete block contain. The grams are kept outside of the rows, so that the rows of many blocks are in few pages.
    await queryRunner.query(`
      create table message_search_blocks (
        conversation_id uuid not null,
        block int not null,
        oldest_at timestamptz(3) not null,
        newest_at timestamptz(3) not null,
        grams int[] not null,
        primary key (conversation_id, block)
      ) with (toast_tuple_target = 128)`);
    await queryRunner.query('alter table message_search_blocks alter column grams set storage external');
    await queryRunner.query(
      'create index message_search_grams on message_search_blocks using gin (grams) with (fastupdate = on, gin_pending_list_limit = 2048)',
    );

    // Up to which seq a conversation is indexed, by which rule.
    await queryRunner.query(`
      create table message_search_positions (
        conversation_id uuid primary key,
        rule int not null,
        indexed_seq int not null
      ) with (fillfactor = 50)`);

    // Messages that were changed and have to be indexed again. Until then their text in message_search is not valid.
    await queryRunner.query(`
      create table message_search_changes (
        conversation_id uuid not null,
        seq int not null,
        is_deleted boolean not null,
        primary key (conversation_id, seq)
      ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)`);
    await queryRunner.query('create index message_search_edits on message_search_changes (conversation_id, seq) where not is_deleted');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop trigger messages_changed on messages');
    await queryRunner.query('drop function record_message_changes');
    await queryRunner.query(
      'drop table message_search, message_search_texts, message_search_blocks, message_search_positions, message_search_changes',
    );
  }
}
