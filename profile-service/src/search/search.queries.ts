import { preparedStatement } from '@chat/shared/database';

/** A user whose names have the beginning that is searched for, by one of the terms. */
export interface FoundTerm {
  userId: string;
  rank: number;
  term: string;
}

/** $1: the prefix. U+10FFFF is after every character. */
const IN_RANGE = `term >= $1 and term < $1 || chr(1114111)`;
const FOUND = 'user_id as "userId", rank, term';

const publicTermsOf = (rank: number) => `(
  select ${FOUND} from profile_search_terms t
   where is_public and rank = ${rank} and ${IN_RANGE}
     and not exists (select 1 from blocks b where b.user_id = $2 and b.blocked_user_id = t.user_id offset 0)
     and not exists (select 1 from blocks b where b.blocked_user_id = $2 and b.user_id = t.user_id offset 0)
   order by term, user_id limit $3)`;

/**
 * The first $3 terms of public profiles, in order; without users of which one has blocked the other. Index profile_search_terms_found: what is read
 * depends on $3 alone, whatever the prefix is. The terms of rank 1 are read only if those of rank 0 are too few. `offset 0`: the blocks are looked up
 * for each term, so that a user with 10,000 blocks costs as much as any other.
 */
export const PUBLIC_TERMS = preparedStatement(
  'public_terms',
  `select * from (${publicTermsOf(0)} union all ${publicTermsOf(1)}) found limit $3`,
);

/** The first $2 terms of all private profiles. Index profile_search_terms_found. */
export const PRIVATE_TERMS = preparedStatement(
  'private_terms',
  `select * from (
     (select ${FOUND} from profile_search_terms where not is_public and rank = 0 and ${IN_RANGE} order by term, user_id limit $2)
     union all
     (select ${FOUND} from profile_search_terms where not is_public and rank = 1 and ${IN_RANGE} order by term, user_id limit $2)
   ) found limit $2`,
);

/**
 * Of the first $3 terms of private profiles, those of user $2 and of at most $4 members of its conversations: one range of profile_search_terms_found, and
 * a hash table of members. `is true` and `offset 0`: the members of each conversation
 * of the user are read once, whatever the planner expects.
 */
export const CONTACT_TERMS = preparedStatement(
  'contact_terms',
  `select ${FOUND} from (
     select user_id, rank, term from profile_search_terms where not is_public and rank in (0, 1) and ${IN_RANGE} limit $3) terms
    where (user_id in (
      select $2::uuid
      union all
      select user_id from (
        select other.user_id from conversation_members own
          cross join lateral (select m.user_id from conversation_members m where m.conversation_id = own.conversation_id offset 0) other
         where own.user_id = $2 limit $4) members)) is true
    order by rank, term, user_id limit $5`,
);

/** Those of the users $2 that have blocked user $1, or that the user has blocked. By the primary key and the index blocks_of_blocked. */
export const BLOCKED_USERS = preparedStatement(
  'blocked_users',
  `select blocked_user_id as "userId" from blocks where user_id = $1 and blocked_user_id = any($2::uuid[])
   union select user_id from blocks where blocked_user_id = $1 and user_id = any($2::uuid[])`,
);
