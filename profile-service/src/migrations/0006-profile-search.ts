import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The search for users (decision 0034). SearchIndexer fills the terms in the background, also those of existing profiles. A trigger records changed
 * names, so that every way to change one is included, those of the build before, too. Not in a transaction: nothing here keeps profiles from
 * being written for longer than a moment. A migration that was interrupted is run again.
 */
export class ProfileSearch1764000000006 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table if not exists profile_search_terms (
        user_id uuid not null references profiles (user_id) on delete cascade,
        is_public boolean not null,
        rank smallint not null,
        term text collate "C" not null
      )`);
    // The users that a query finds, in their order, from the index alone.
    await queryRunner.query(
      'create index if not exists profile_search_terms_found on profile_search_terms (is_public, rank, term, user_id)',
    );
    await queryRunner.query('create index if not exists profile_search_terms_user on profile_search_terms (user_id)');
    await queryRunner.query(
      'create index if not exists profile_search_terms_private on profile_search_terms (user_id, rank, term) where not is_public',
    );
    // Users whose terms are to be made again.
    await queryRunner.query('create table if not exists profile_search_changes (user_id uuid primary key)');
    await queryRunner.query(`
      create or replace function record_profile_names() returns trigger language plpgsql as $$
      begin
        insert into profile_search_changes (user_id) values (new.user_id) on conflict do nothing;
        return null;
      end $$`);
    await queryRunner.query(`
      create or replace trigger profile_names_changed after insert or update of username, first_name, last_name, is_public on profiles
        for each row execute function record_profile_names()`);
    await queryRunner.query('insert into profile_search_changes (user_id) select user_id from profiles on conflict do nothing');

    // The blocks of users, a projection of chat.user.
    await queryRunner.query(
      'create table if not exists blocks (user_id uuid not null, blocked_user_id uuid not null, primary key (user_id, blocked_user_id))',
    );
    await queryRunner.query('create index if not exists blocks_of_blocked on blocks (blocked_user_id, user_id)');

    // The contacts of a user. An index whose creation was interrupted stays, invalid.
    await queryRunner.query('drop index if exists conversation_members_conversation');
    await queryRunner.query(
      'create index concurrently conversation_members_conversation on conversation_members (conversation_id, user_id)',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop trigger if exists profile_names_changed on profiles');
    await queryRunner.query('drop function if exists record_profile_names');
    await queryRunner.query('drop index if exists conversation_members_conversation');
    await queryRunner.query('drop table if exists blocks, profile_search_changes, profile_search_terms');
  }
}
