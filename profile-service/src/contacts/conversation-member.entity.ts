import { Entity, PrimaryColumn } from 'typeorm';

/** A projection of the members of conversations, built from the events of chat-service. Two users with a common conversation are contacts. */
@Entity('conversation_members')
export class ConversationMemberEntity {
  @PrimaryColumn('uuid')
  userId: string;

  @PrimaryColumn('uuid')
  conversationId: string;
}
