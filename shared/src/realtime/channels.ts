/** The names of the Redis channels. Messages on them may be lost: the data itself is in PostgreSQL. */
export const channels = {
  /** Feed events of one user, see `liveTextOf`. Published by notification-service. */
  user: (userId: string) => `user:${userId}`,
  /** JSON of a Notification. Published by notification-service. */
  notification: (userId: string) => `notification:${userId}`,
  /** JSON `{ presence, isPublic }`. Published by presence-service. */
  presence: (userId: string) => `presence:${userId}`,
  /** JSON of a LiveProfile. Published by profile-service. */
  profile: (userId: string) => `profile:${userId}`,
  /** JSON of a Typing. Published by chat-service. */
  typing: (conversationId: string) => `typing:${conversationId}`,
  /** JSON `{ sessionId, userId }`. Published by auth-service. */
  sessionRevoked: 'session:revoked',
  /** Any text: there are new rows in the outbox of this schema. Published by the instances that write them. */
  outbox: (schema: string) => `outbox:${schema}`,
  /** JSON `{ userId }`: the first lease of this user was opened, or one was released. Published by gateways. */
  presenceLeases: 'presence:leases',
} as const;
