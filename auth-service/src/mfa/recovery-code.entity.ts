import { Entity, PrimaryColumn } from 'typeorm';

/** An unused recovery code. */
@Entity('recovery_codes')
export class RecoveryCode {
  @PrimaryColumn({ type: 'uuid' })
  userId: string;

  /** SHA-256. */
  @PrimaryColumn({ type: 'bytea' })
  hash: Buffer;
}
