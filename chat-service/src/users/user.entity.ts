import { Column, Entity, PrimaryColumn } from 'typeorm';

/** That a person exists: auth-service's knowledge, built from its events. */
@Entity('users')
export class User {
  @PrimaryColumn('uuid')
  userId: string;

  @Column('timestamptz')
  registeredAt: Date;
}
