import { TestUser } from '@chat/testkit/user';
import { afterAll, expect, it } from 'vitest';
import { gateway } from './kit/gateway.ts';

const client = gateway();
afterAll(() => client.close());

const FIELDS = 'firstName lastName bio location website phoneNumber birthDate isPublic profilePicture { id } coverImage { id }';
const ARGUMENTS = ['firstName', 'lastName', 'bio', 'location', 'website', 'phoneNumber', 'birthDate'];
const UPDATE = `mutation (${ARGUMENTS.map((name) => `$${name}: String`).join()}, $isPublic: Boolean) {
  updateProfile(${[...ARGUMENTS, 'isPublic'].map((name) => `${name}: $${name}`).join()}) { ${FIELDS} } }`;
const PROFILE = `query ($id: String!) { getProfile(userId: $id) { ${FIELDS} } getProfiles(userIds: [$id]) { ${FIELDS} } }`;
const IMAGES = { profilePicture: null, coverImage: null };
const PUBLIC = { firstName: 'Ada', lastName: 'Lovelace', bio: 'Counts\nthings', location: 'London', website: 'https://ada.example/' };
const PRIVATE = { phoneNumber: '+44 20 7946 0000', birthDate: '1815-12-10' };
const NOTHING = Object.fromEntries(ARGUMENTS.map((name) => [name, null]));

it('every field can be set, is seen by those that may see it, and can be cleared by null and by an empty string', async () => {
  const [ada, ben] = await Promise.all([TestUser.register(client, 'ada'), TestUser.register(client, 'ben')]);
  const seenBy = async (user: TestUser) => {
    const { getProfile, getProfiles } = await user.mustAsk(PROFILE, { id: ada.userId });
    expect(getProfiles).toEqual([getProfile]);
    return getProfile;
  };
  const all = { ...PUBLIC, ...PRIVATE, isPublic: true, ...IMAGES };
  expect((await ada.mustAsk(UPDATE, { ...PUBLIC, ...PRIVATE })).updateProfile).toEqual(all);
  expect((await ada.mustAsk(`{ getMyProfile { ${FIELDS} } }`)).getMyProfile).toEqual(all);
  expect(await seenBy(ada)).toEqual(all);
  expect(await seenBy(ben)).toEqual({ ...all, phoneNumber: null, birthDate: null });
  expect((await ada.mustAsk('{ me { firstName lastName picture } }')).me).toEqual({
    firstName: 'Ada',
    lastName: 'Lovelace',
    picture: null,
  });

  await ada.mustAsk(UPDATE, { isPublic: false });
  expect(await seenBy(ben)).toEqual({ ...NOTHING, isPublic: false, ...IMAGES });
  expect(await seenBy(ada)).toEqual({ ...all, isPublic: false });
  for (const empty of [null, '']) {
    await ada.mustAsk(UPDATE, { ...PUBLIC, ...PRIVATE });
    const cleared = Object.fromEntries(ARGUMENTS.map((name) => [name, empty]));
    expect((await ada.mustAsk(UPDATE, cleared)).updateProfile).toEqual({ ...NOTHING, isPublic: false, ...IMAGES });
  }
});
