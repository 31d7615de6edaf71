import { Entity, PrimaryColumn } from 'typeorm';

/** The blocks of users, as chat-service published them. Neither of the two users finds the other in a search. */
@Entity('blocks')
export class BlockEntity {
  @PrimaryColumn('uuid')
  userId: string;

  @PrimaryColumn('uuid')
  blockedUserId: string;
}
