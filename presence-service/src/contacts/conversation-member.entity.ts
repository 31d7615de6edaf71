import { Entity, PrimaryColumn } from 'typeorm';

/** Who is in which conversation, as chat-service announced it. Two people with a conversation in common are contacts. */
@Entity('conversation_members')
export class ConversationMemberEntity {
  @PrimaryColumn('uuid')
  userId: string;

  @PrimaryColumn('uuid')
  conversationId: string;
}
