import { Entity, PrimaryColumn } from 'typeorm';

/** A recovery code that was not used yet. */
@Entity('recovery_codes')
export class RecoveryCode {
  @PrimaryColumn({ type: 'uuid' })
  userId: string;

  /** SHA-256. */
  @PrimaryColumn({ type: 'bytea' })
  hash: Buffer;
}
