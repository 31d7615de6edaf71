import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Contacts are found in the range of the query, by profile_search_terms_found. */
export class UnusedSearchIndex1764000000007 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index if exists profile_search_terms_private');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'create index if not exists profile_search_terms_private on profile_search_terms (user_id, rank, term) where not is_public',
    );
  }
}
