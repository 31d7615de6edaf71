export type PresenceStatus = 'ONLINE' | 'OFFLINE' | 'AWAY' | 'BUSY';

/** A person's presence as the caller may see it. */
export interface Presence {
  userId: string;
  status: PresenceStatus;
  /** RFC 3339, UTC; null if never, or hidden. */
  lastSeenAt: string | null;
}
