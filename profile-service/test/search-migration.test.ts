import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ProfileSearch1764000000006 } from '../src/migrations/0006-profile-search.js';
import { TestProfileService } from './kit/profile-service.js';

let profiles: TestProfileService;
beforeAll(async () => {
  profiles = await TestProfileService.start();
});
afterAll(() => profiles?.stop());

it('finds the users of the build before after the migration, which can be repeated after an interruption', async () => {
  const [me, user] = [await profiles.createUser(), await profiles.createUser({ firstName: 'Earlier' })];
  const runner = profiles.dataSource.createQueryRunner();
  const migration = new ProfileSearch1764000000006();
  await migration.down(runner);
  await profiles.ask(user, 'PATCH', '/profiles/me', { firstName: 'Meanwhile' });
  await migration.up(runner);
  await migration.up(runner);
  await runner.release();
  await eventually(async () => {
    const { body } = await profiles.ask(me, 'POST', '/profiles/search', { query: 'meanw' });
    expect(body).toMatchObject([{ userId: user, firstName: 'Meanwhile' }]);
  });
});
