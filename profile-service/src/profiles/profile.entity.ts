import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The profile of a user; one per user. */
@Entity('profiles')
export class ProfileEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { unique: true })
  userId: string;

  @Column('text')
  username: string;

  @Column('text', { nullable: true })
  firstName: string | null;

  @Column('text', { nullable: true })
  lastName: string | null;

  @Column('text', { nullable: true })
  bio: string | null;

  @Column('text', { nullable: true })
  location: string | null;

  @Column('text', { nullable: true })
  website: string | null;

  @Column('text', { nullable: true })
  phoneNumber: string | null;

  /** YYYY-MM-DD. A calendar date is text everywhere: as a Date object it would depend on the time zone. */
  @Column('date', { nullable: true })
  birthDate: string | null;

  /** The upload of the profile picture. */
  @Column('uuid', { nullable: true })
  pictureId: string | null;

  @Column('uuid', { nullable: true })
  coverImageId: string | null;

  @Column('boolean', { default: true })
  isPublic: boolean;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  updatedAt: Date;
}
