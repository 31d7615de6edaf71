import { addInboxPurges, removeInboxPurges } from '@chat/shared/consumer';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The ids of handled events are deleted after 31 days. Outside of a transaction, so that the processes of the build before can write meanwhile. */
export class InboxPurges1764000000003 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await addInboxPurges(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await removeInboxPurges(queryRunner);
  }
}
