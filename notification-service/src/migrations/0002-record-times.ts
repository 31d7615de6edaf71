import type { MigrationInterface } from 'typeorm';

/**
 * Comes with feed/sql/record_events.sql, which takes the times of the records and the retention. The function without them stays for the
 * processes of the build before.
 */
export class RecordTimes1764000000002 implements MigrationInterface {
  async up(): Promise<void> {}

  async down(): Promise<void> {}
}
