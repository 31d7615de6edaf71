import { afterAll, expect, it } from 'vitest';
import { checkDelivery } from '@chat/testkit/delivery-check';
import { gateway } from './kit/gateway.ts';
import { TestUser } from '@chat/testkit/user';

const client = gateway();
afterAll(() => client.close());

it('replays to a reconnecting client every missed message once and in order, while more messages are sent', async () => {
  const [ada, ...friends] = await Promise.all(['ada', 'ben', 'cat', 'dan', 'eve'].map((name) => TestUser.register(client, name)));
  if (!ada) throw new Error('registration failed');
  const sent: { id: string; conversationId: string; seq: number }[] = [];
  const sendSome = async (count: number) => {
    await Promise.all(
      friends.map(async (friend, f) => {
        for (let n = f; n < count; n += friends.length) sent.push(await friend.sendTo(ada.userId, `message ${n}`));
      }),
    );
  };

  const first = await ada.events();
  await sendSome(20);
  await first.until(() => first.items.filter((i) => i.message).length === 20, 'the first twenty');
  first.cut();

  await sendSome(500);
  const cursor = first.items.at(-1)?.cursor;
  const more = sendSome(200);
  const second = await ada.events(cursor);
  expect(second.items[0]).toMatchObject({ __typename: 'StreamOpened', recovered: true, cursor });
  await more;
  await second.until(() => second.items.filter((i) => i.message).length >= 700, 'all that was missed and all that came meanwhile', 30_000);
  const report = checkDelivery(sent, [...first.items, ...second.items]);
  expect(report).toEqual({ acknowledged: 720, delivered: 720, lost: [], doubled: [], outOfOrder: [], backwards: [], unacknowledged: 0 });

  // A cursor from the middle of a replay is valid, too.
  second.cut();
  const middle = second.items[300];
  const third = await ada.events(middle?.cursor);
  await third.until(
    () => third.items.filter((i) => i.message).length >= second.items.slice(301).filter((i) => i.message).length,
    'the rest',
  );
  expect(third.items.filter((i) => i.message).map((i) => i.message?.id)).toEqual(
    expect.arrayContaining(second.items.slice(301).flatMap((i) => (i.message ? [i.message.id] : []))),
  );
  expect(checkDelivery(sent, [...first.items, ...second.items.slice(0, 301), ...third.items])).toMatchObject({
    lost: [],
    doubled: [],
    outOfOrder: [],
    backwards: [],
  });
  await third.close();
});

it('rejects a malformed or altered cursor', async () => {
  const ada = await TestUser.register(client, 'ada');
  const stream = await ada.events();
  const cursor = stream.items[0]?.cursor ?? '';
  await stream.close();
  const altered = (cursor[0] === 'A' ? 'B' : 'A') + cursor.slice(1);
  for (const bad of ['', 'nonsense', altered, `${cursor}A`]) {
    await expect(ada.events(bad), bad).rejects.toThrow('BAD_USER_INPUT');
  }
});

it('never shows the events of other users', async () => {
  const [ada, ben, eve] = await Promise.all(['ada', 'ben', 'eve'].map((name) => TestUser.register(client, name)));
  if (!ada || !ben || !eve) throw new Error('registration failed');
  const evesEvents = await eve.events();
  const adasEvents = await ada.events();
  const secret = await ada.sendTo(ben.userId, 'between us');
  await adasEvents.waitFor((i) => i.message?.id === secret.id);
  // Eve's own message takes the same path later: once it has arrived, the secret message cannot follow any more.
  const own = await eve.sendTo(ada.userId, 'hi');
  await evesEvents.waitFor((i) => i.message?.id === own.id);
  expect(JSON.stringify(evesEvents.items)).not.toContain('between us');
  // A cursor grants no access: with Ada's cursor Eve receives her own events only.
  const replayed = await eve.events(adasEvents.items[0]?.cursor);
  await replayed.waitFor((i) => i.message?.id === own.id);
  expect(JSON.stringify(replayed.items)).not.toContain('between us');
  await Promise.all([evesEvents.close(), adasEvents.close(), replayed.close()]);
});
