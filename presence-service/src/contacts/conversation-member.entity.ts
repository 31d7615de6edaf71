import { Entity, PrimaryColumn } from 'typeorm';

/** The members of conversations, as chat-service published them. Two users with a conversation in common are contacts. */
@Entity('conversation_members')
export class ConversationMemberEntity {
  @PrimaryColumn('uuid')
  userId: string;

  @PrimaryColumn('uuid')
  conversationId: string;
}
