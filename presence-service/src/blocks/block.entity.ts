import { Entity, PrimaryColumn } from 'typeorm';

/** The blocks of users, as chat-service published them. Neither of the two users sees the presence of the other. */
@Entity('blocks')
export class BlockEntity {
  @PrimaryColumn('uuid')
  userId: string;

  @PrimaryColumn('uuid')
  blockedUserId: string;
}
