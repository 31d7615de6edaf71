/** The status of a user; the user sets AWAY and BUSY, OFFLINE and ONLINE follow from the connections. */
export type PresenceStatus = 'ONLINE' | 'OFFLINE' | 'AWAY' | 'BUSY';

/** The presence of a user, as the current user may see it. */
export interface Presence {
  userId: string;
  status: PresenceStatus;
  /** RFC 3339, UTC; null if the user was never seen, or if it is hidden. */
  lastSeenAt: string | null;
}
