import { addUploadWaveforms } from '@chat/shared/uploads';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The waveforms of voice messages, which this service does not accept: the statements of uploads are those of all services. */
export class UploadWaveforms1764000000008 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await addUploadWaveforms(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table uploads drop column waveform');
  }
}
