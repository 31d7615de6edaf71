import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { DatabaseConfig } from '../../src/config/index.js';
import { createDataSource } from '../../src/database/index.js';
import { Note } from './note.entity.js';

class CreateNotes1700000000001 implements MigrationInterface {
  name = 'CreateNotes1700000000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    // Long enough for the other processes to start while it runs.
    await queryRunner.query('select pg_sleep(0.3)');
    await queryRunner.query(`create table notes (id uuid primary key, last_read_seq int not null default 0, title text not null)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table notes');
  }
}

class AddColour1700000000002 implements MigrationInterface {
  name = 'AddColour1700000000002';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table notes add column colour text`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table notes drop column colour');
  }
}

/** The data source of a small service: one entity, two migrations. */
export const dataSourceOf = (config: DatabaseConfig, schema: string) =>
  createDataSource({
    config,
    schema,
    entities: [Note],
    migrations: [CreateNotes1700000000001, AddColour1700000000002],
    applicationName: 'test',
  });
