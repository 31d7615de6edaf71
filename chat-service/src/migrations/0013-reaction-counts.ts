import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How many members reacted to a message with each emoji, so that reading a message costs the same for one and for 20,000 reactions. A trigger counts, so
 * that every statement is included, also those of the build before. While the existing reactions are counted, no reaction is written.
 */
export class ReactionCounts1764000000013 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // The first members of each emoji, in their order. An index whose creation was interrupted stays, invalid.
    await queryRunner.query('drop index if exists message_reactions_by_emoji');
    await queryRunner.query(
      'create index concurrently message_reactions_by_emoji on message_reactions (message_id, emoji, position) include (user_id)',
    );
    await queryRunner.startTransaction();
    try {
      await queryRunner.query('lock table message_reactions in share row exclusive mode');
      await queryRunner.query(`
        create table if not exists message_reaction_counts (
          message_id uuid not null,
          emoji text not null,
          count int not null,
          primary key (message_id, emoji)
        ) with (fillfactor = 80)`);
      await queryRunner.query(COUNT_REACTIONS);
      await queryRunner.query(`
        create or replace trigger reactions_added after insert on message_reactions referencing new table as changed
          for each statement execute function count_reactions()`);
      await queryRunner.query(`
        create or replace trigger reactions_removed after delete on message_reactions referencing old table as changed
          for each statement execute function count_reactions()`);
      await queryRunner.query(`
        insert into message_reaction_counts (message_id, emoji, count)
          select r.message_id, r.emoji, count(*) from message_reactions r group by r.message_id, r.emoji
          on conflict (message_id, emoji) do update set count = excluded.count`);
      await queryRunner.commitTransaction();
    } catch (error) {
      await queryRunner.rollbackTransaction();
      throw error;
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop trigger reactions_added on message_reactions');
    await queryRunner.query('drop trigger reactions_removed on message_reactions');
    await queryRunner.query('drop function count_reactions');
    await queryRunner.query('drop table message_reaction_counts');
    await queryRunner.query('drop index message_reactions_by_emoji');
  }
}

/** Every statement locks the rows that it counts in one order, so that two of them never wait for each other. */
const COUNT_REACTIONS = `
  create or replace function count_reactions() returns trigger language plpgsql as $$
  begin
    insert into message_reaction_counts as c (message_id, emoji, count)
      select r.message_id, r.emoji, case tg_op when 'DELETE' then -count(*) else count(*) end from changed r group by r.message_id, r.emoji order by r.message_id, r.emoji
      on conflict (message_id, emoji) do update set count = c.count + excluded.count;
    if tg_op = 'DELETE' then
      delete from message_reaction_counts c using changed r where c.message_id = r.message_id and c.emoji = r.emoji and c.count <= 0;
    end if;
    return null;
  end $$`;
