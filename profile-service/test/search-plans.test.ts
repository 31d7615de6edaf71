import { randomUUID } from 'node:crypto';
import type { QueryRunner } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONTACT_TERMS, PRIVATE_TERMS, PUBLIC_TERMS } from '../src/search/search.queries.js';
import { SEARCH_SETTINGS } from '../src/search/user-finder.js';
import { TestProfileService } from './kit/profile-service.js';

/* A query that begins the names of all users, of a user with a large group and 1,000 blocks. */
const USERS = 4000;
const me = randomUUID();

let profiles: TestProfileService;
let sql: QueryRunner;
beforeAll(async () => {
  profiles = await TestProfileService.start();
  sql = profiles.dataSource.createQueryRunner();
  // The indexer takes none of them.
  await sql.startTransaction();
  await sql.query(
    `insert into profiles (id, user_id, username, is_public, created_at, updated_at)
       select gen_random_uuid(), gen_random_uuid(), 'a' || n, n % 2 = 0, now(), now() from generate_series(1, $1::int) n`,
    [USERS],
  );
  await sql.query('delete from profile_search_changes');
  await sql.commitTransaction();
  await sql.query('insert into profile_search_terms (user_id, is_public, rank, term) select user_id, is_public, 0, username from profiles');
  await sql.query('insert into conversation_members (user_id, conversation_id) select user_id, $1::uuid from profiles limit 1000', [me]);
  await sql.query('insert into conversation_members (user_id, conversation_id) values ($1, $1)', [me]);
  await sql.query('insert into blocks (user_id, blocked_user_id) select $1, user_id from profiles where is_public limit 1000', [me]);
  for (const table of ['profile_search_terms', 'conversation_members', 'blocks']) await sql.query(`analyze ${table}`);
  for (const [name, value] of Object.entries(SEARCH_SETTINGS)) await sql.query('select set_config($1, $2, false)', [name, value]);
});
afterAll(async () => {
  await sql?.release();
  await profiles?.stop();
});

async function planOf(statement: string, types: string, values: string): Promise<string> {
  await sql.query(`prepare searched (${types}) as ${statement}`);
  const rows = await sql.query(`explain (analyze, costs off, timing off, summary off) execute searched (${values})`);
  await sql.query('deallocate searched');
  return (rows as Record<string, string>[]).map((row) => row['QUERY PLAN']).join('\n');
}

it('each statement reads one range of the index of terms, and no table as a whole', async () => {
  const plans = [
    await planOf(PUBLIC_TERMS, 'text, uuid, int', `'a', '${me}', 80`),
    await planOf(PRIVATE_TERMS, 'text, int', `'a', 501`),
    await planOf(CONTACT_TERMS, 'text, uuid, int, int, int', `'a', '${me}', 50000, 10000, 80`),
  ];
  for (const plan of plans) {
    expect(plan).toContain('using profile_search_terms_found');
    expect(plan).not.toMatch(/Seq Scan|Bitmap Heap Scan on profile|Materialize|using profile_search_terms_user/);
  }
  const [publicPlan = '', privatePlan = '', contactPlan = ''] = plans;
  // The terms that were read: as many as are wanted, and those of the blocked users.
  expect(Number(/profile_search_terms t \(actual rows=([\d.]+)/.exec(publicPlan)?.[1])).toBe(80);
  expect(publicPlan).toContain('Index Only Scan using blocks_of_blocked');
  expect(Number(/profile_search_terms \(actual rows=([\d.]+)/.exec(privatePlan)?.[1])).toBe(501);
  expect(contactPlan).toContain('hashed SubPlan');
  expect(contactPlan).toContain('Index Cond: (conversation_id = own.conversation_id)');
});
