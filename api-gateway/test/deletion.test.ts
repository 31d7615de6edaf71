import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());

it('deleteAccount deletes the account of the current user, with or without a password', async () => {
  const ada = await kit.createUser();
  kit.services.handlers.set('POST /auth/account/delete', () => undefined);
  expect((await kit.ask('mutation { deleteAccount(password: "correct horse") }')).errors[0]!.extensions.code).toBe('UNAUTHENTICATED');
  for (const [args, body] of [
    ['(password: "correct horse")', { password: 'correct horse' }],
    ['(password: null)', {}],
    ['', {}],
  ] as const) {
    expect((await kit.ask(`mutation { deleteAccount${args} }`, {}, ada.token)).data).toEqual({ deleteAccount: true });
    const call = kit.services.calls.at(-1)!;
    expect([call.body, call.userId]).toEqual([body, ada.userId]);
  }
});

it('messages of a deleted user are tombstones, also in a replay', async () => {
  const [ada, ben] = [await kit.createUser(), await kit.createUser()];
  const talk = kit.services.chat.addConversation([ada.userId, ben.userId]);
  const { cursor } = await kit.events(ada.token);
  const event = kit.services.feed.recordMessage(talk, ben.userId, '');
  const deletedAt = '2026-01-02T03:04:05.678Z';
  Object.assign(event.payload, { deletedAt });
  kit.services.users.profiles.delete(ben.userId);
  const selection = 'cursor ... on MessageCreated { message { senderId sender { id } content deletedAt } }';
  const stream = await kit.events(ada.token, cursor, selection);
  await stream.count(2);
  expect(stream.items[1].message).toEqual({ senderId: ben.userId, sender: null, content: '', deletedAt });
});
