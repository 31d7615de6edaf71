import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A device that signed in to an account: its user agent and, if it sent one, its device id. */
@Entity('known_devices')
export class KnownDevice {
  @PrimaryColumn({ type: 'uuid' })
  userId: string;

  /** See `deviceHashOf`: it identifies a device without revealing anything about it. */
  @PrimaryColumn({ type: 'bytea' })
  deviceHash: Buffer;

  @Column({ type: 'timestamptz' })
  firstSeenAt: Date;

  @Column({ type: 'timestamptz' })
  lastSeenAt: Date;
}
