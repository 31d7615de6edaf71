import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';

const timeZone = process.env['TZ'];
let profiles: TestProfileService;

beforeAll(async () => {
  // Samoa skipped 2011-12-30, so no Date object can have that day in local time.
  process.env['TZ'] = 'Pacific/Apia';
  profiles = await TestProfileService.start();
});
afterAll(async () => {
  await profiles?.stop();
  if (timeZone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = timeZone;
});

it.each(['2011-12-30', '1815-12-10', '2000-02-29', '0001-01-01'])(
  'a birth date of %s is read back as it was written',
  async (birthDate) => {
    expect(new Date(2011, 11, 30).getDate()).toBe(31); // the time zone is in effect
    const { userId } = profiles.addAccount();
    expect((await profiles.ask(userId, 'PATCH', '/profiles/me', { birthDate })).body).toMatchObject({ birthDate });
    expect((await profiles.ask(userId, 'GET', '/profiles/me')).body).toMatchObject({ birthDate });
  },
);
