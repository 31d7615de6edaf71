import { createUploadTables, dropUploadTables } from '@chat/shared/uploads';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The ids are those of rows of `uploads`, which are deleted when the profile has another image. */
export class ProfileImages1764000000005 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createUploadTables(queryRunner);
    await queryRunner.query('alter table profiles add column picture_id uuid, add column cover_image_id uuid');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table profiles drop column picture_id, drop column cover_image_id');
    await dropUploadTables(queryRunner);
  }
}
