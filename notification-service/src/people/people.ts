import type { EventPayloads } from '@chat/shared/events';

/** The names of a person, from auth.user and profile.profile. */
export interface Person {
  userId: string;
  username: string;
  firstName: string | null;
  lastName: string | null;
}

export interface NamedPerson extends Person {
  /** When the names became what they are. */
  namedAt: string;
}

/** How a person is called in a title: the full name if there is one, else the user name. */
export function displayName({ username, firstName, lastName }: { [K in 'username' | 'firstName' | 'lastName']?: string | null }): string {
  const fullName = [firstName, lastName].filter((name) => name?.trim()).join(' ');
  return fullName || username || 'New message';
}

export function personOf(
  event:
    | { type: 'UserRegistered'; payload: EventPayloads['UserRegistered'] }
    | { type: 'ProfileUpdated'; payload: EventPayloads['ProfileUpdated'] },
): NamedPerson {
  const { userId, username, firstName, lastName } = event.payload;
  return {
    userId,
    username,
    firstName,
    lastName,
    namedAt: event.type === 'UserRegistered' ? event.payload.registeredAt : event.payload.updatedAt,
  };
}

/** The newest names of each person, in order of user id. The two topics have no order between them, so the time decides. */
export function newestNames(people: Iterable<NamedPerson>): NamedPerson[] {
  const newest = new Map<string, NamedPerson>();
  for (const person of people) {
    const known = newest.get(person.userId);
    if (!known || Date.parse(person.namedAt) >= Date.parse(known.namedAt)) newest.set(person.userId, person);
  }
  return [...newest.values()].sort((a, b) => (a.userId < b.userId ? -1 : 1));
}
