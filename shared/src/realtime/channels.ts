/** Names of the Redis channels. What is published on them is a hint: the truth is in PostgreSQL. */
export const channels = {
  /** Feed events of one person, see `encodeLiveFeedEvent`. notification-service publishes. */
  user: (userId: string) => `user:${userId}`,
  /** JSON of a Notification. notification-service publishes. */
  notification: (userId: string) => `notification:${userId}`,
  /** JSON `{ presence, isPublic }`. presence-service publishes. */
  presence: (userId: string) => `presence:${userId}`,
  profile: (userId: string) => `profile:${userId}`,
  /** JSON `{ sessionId, userId }`. auth-service publishes. */
  sessionRevoked: 'session:revoked',
  /** Anything: rows are waiting in the outbox of this schema. */
  outbox: (schema: string) => `outbox:${schema}`,
  /** JSON `{ userId }`: the first lease of this person was opened, or one was released. Gateways publish. */
  presenceLeases: 'presence:leases',
} as const;
