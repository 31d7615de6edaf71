// Generated from shared/src/events/schemas/*.avsc by `npm run generate`; never edited by hand.

export interface EventPayloads {
  ConversationCreated: {
    conversationId: string;
    kind: string;
    title: string | null;
    members: { userId: string; role: string }[];
    createdBy: string;
    createdAt: string;
  };
  ConversationMuted: {
    conversationId: string;
    userId: string;
    mutedUntil: string | null;
    mutedAt: string;
  };
  ConversationUpdated: {
    conversationId: string;
    title: string | null;
    updatedBy: string;
    updatedAt: string;
    pictureId: string | null;
  };
  MembersChanged: {
    conversationId: string;
    added: { userId: string; role: string }[];
    removed: string[];
    changedRoles: { userId: string; role: string }[];
    lastSeq: number;
    changedBy: string;
    changedAt: string;
  };
  MessageCreated: {
    messageId: string;
    conversationId: string;
    seq: number;
    senderId: string;
    receiverId: string | null;
    content: string;
    clientMessageId: string | null;
    createdAt: string;
    replyToId: string | null;
    mentions: string[];
    attachments: ({ id: string; kind: string; fileName: string; mimeType: string; sizeBytes: number; width: number | null; height: number | null; durationSeconds: number | null; waveform: number[] | null; createdAt: string })[];
  };
  MessageDeleted: {
    messageId: string;
    conversationId: string;
    seq: number;
    senderId: string;
    receiverId: string | null;
    clientMessageId: string | null;
    createdAt: string;
    deletedBy: string;
    deletedAt: string;
  };
  MessageUpdated: {
    messageId: string;
    conversationId: string;
    seq: number;
    senderId: string;
    receiverId: string | null;
    content: string;
    clientMessageId: string | null;
    createdAt: string;
    replyToId: string | null;
    mentions: string[];
    editedAt: string;
    reactions: { emoji: string; userIds: string[]; count: number }[];
    attachments: ({ id: string; kind: string; fileName: string; mimeType: string; sizeBytes: number; width: number | null; height: number | null; durationSeconds: number | null; waveform: number[] | null; createdAt: string })[];
  };
  ProfileDeleted: {
    userId: string;
    deletedAt: string;
  };
  ProfileUpdated: {
    userId: string;
    username: string;
    firstName: string | null;
    lastName: string | null;
    bio: string | null;
    location: string | null;
    website: string | null;
    isPublic: boolean;
    pictureId: string | null;
    coverImageId: string | null;
    change: string;
    updatedAt: string;
  };
  ReactionsChanged: {
    messageId: string;
    conversationId: string;
    seq: number;
    senderId: string;
    receiverId: string | null;
    content: string;
    clientMessageId: string | null;
    createdAt: string;
    replyToId: string | null;
    mentions: string[];
    editedAt: string | null;
    reactions: { emoji: string; userIds: string[]; count: number }[];
    changedBy: string;
    changedAt: string;
    attachments: ({ id: string; kind: string; fileName: string; mimeType: string; sizeBytes: number; width: number | null; height: number | null; durationSeconds: number | null; waveform: number[] | null; createdAt: string })[];
  };
  ReceiptsAdvanced: {
    conversationId: string;
    userId: string;
    lastReadSeq: number;
    lastDeliveredSeq: number;
    advancedAt: string;
  };
  SignedInFromNewDevice: {
    userId: string;
    sessionId: string;
    signedInAt: string;
  };
  UserBlocked: {
    userId: string;
    blockedUserId: string;
    blockedAt: string;
  };
  UserDeleted: {
    userId: string;
    deletedAt: string;
  };
  UserRegistered: {
    userId: string;
    username: string;
    firstName: string | null;
    lastName: string | null;
    registeredAt: string;
  };
  UserUnblocked: {
    userId: string;
    unblockedUserId: string;
    unblockedAt: string;
  };
}

export type EventType = keyof EventPayloads;
