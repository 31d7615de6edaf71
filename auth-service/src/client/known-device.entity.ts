import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What an account was signed in from: a user agent together with the device id, if one was sent. */
@Entity('known_devices')
export class KnownDevice {
  @PrimaryColumn({ type: 'uuid' })
  userId: string;

  /** See `deviceHashOf`: it tells devices apart, and nothing about them. */
  @PrimaryColumn({ type: 'bytea' })
  deviceHash: Buffer;

  @Column({ type: 'timestamptz' })
  firstSeenAt: Date;

  @Column({ type: 'timestamptz' })
  lastSeenAt: Date;
}
