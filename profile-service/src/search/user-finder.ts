import { createPool } from '@chat/shared/database';
import type { DatabaseConfig } from '@chat/shared/config';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Pool } from 'pg';
import { ContactsService } from '../contacts/contacts.service.js';
import { BLOCKED_USERS, CONTACT_TERMS, type FoundTerm, PRIVATE_TERMS, PUBLIC_TERMS } from './search.queries.js';

/** So many searches at a time take part of the database; further ones wait. */
const CONNECTIONS = 2;
/** The plan must not be a sequential scan, even if it was made while the tables were small. */
export const SEARCH_SETTINGS = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
  statement_timeout: '500',
};
/** A user has at most four terms of rank 0 that begin in the same way. */
const TERMS_PER_USER = 4;
/** Up to so many terms of private profiles, their owners are compared with the contacts; above it, the contacts are searched. */
const MAX_PRIVATE_TERMS = 500;
/** What is read when a short query begins the names of many private profiles. */
const MAX_CONTACT_TERMS = 50_000;
const MAX_MEMBERS = 10_000;

/** Finds the ids of users by the beginning of a name, at a cost that neither the query nor the number of users increases. */
@Injectable()
export class UserFinder implements OnApplicationShutdown {
  readonly #pool: Pool;

  constructor(
    config: DatabaseConfig,
    private readonly contacts: ContactsService,
  ) {
    this.#pool = createPool({
      config,
      schema: 'profile',
      applicationName: 'profile-service searches',
      max: CONNECTIONS,
      settings: SEARCH_SETTINGS,
    });
  }

  /**
   * At most `limit` users with a term that begins with `prefix`: public profiles, and private ones of the user and its contacts, in the order of rank and
   * term; without users of which one has blocked the other. The index may be behind the profiles: compare what is loaded.
   */
  async find(userId: string, prefix: string, limit: number): Promise<string[]> {
    const terms = limit * TERMS_PER_USER;
    const [publicTerms, privateTerms] = await Promise.all([
      this.#terms(PUBLIC_TERMS, [prefix, userId, terms]),
      this.#privateTerms(userId, prefix, terms),
    ]);
    const found = [...publicTerms, ...privateTerms].sort(compareTerms).map((term) => term.userId);
    return [...new Set(found)].slice(0, limit);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#pool.end();
  }

  async #privateTerms(userId: string, prefix: string, limit: number): Promise<FoundTerm[]> {
    const all = await this.#terms(PRIVATE_TERMS, [prefix, MAX_PRIVATE_TERMS + 1]);
    if (all.length === 0) return [];
    const isComplete = all.length <= MAX_PRIVATE_TERMS;
    const terms = isComplete ? all : await this.#terms(CONTACT_TERMS, [prefix, userId, MAX_CONTACT_TERMS, MAX_MEMBERS, limit]);
    const owners = [...new Set(terms.map((term) => term.userId))];
    const blocked = new Set((await this.#pool.query<{ userId: string }>(BLOCKED_USERS, [userId, owners])).rows.map((row) => row.userId));
    const contacts = isComplete ? await this.contacts.filterContacts(userId, owners) : new Set(owners);
    return terms.filter((term) => term.userId === userId || (contacts.has(term.userId) && !blocked.has(term.userId)));
  }

  async #terms(statement: string, values: unknown[]): Promise<FoundTerm[]> {
    return (await this.#pool.query<FoundTerm>(statement, values)).rows;
  }
}

function compareTerms(one: FoundTerm, other: FoundTerm): number {
  return one.rank - other.rank || compare(one.term, other.term) || compare(one.userId, other.userId);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
