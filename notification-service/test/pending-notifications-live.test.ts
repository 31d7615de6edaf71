import { newId } from '@chat/shared/database';
import { silentLog } from '@chat/shared/observability';
import { eventually } from '@chat/shared/testing';
import { afterEach, expect, it } from 'vitest';
import type { LivePublisher } from '../src/feed/live-publisher.js';
import { PendingNotificationsWorker } from '../src/feed/pending-notifications.worker.js';
import { Conversation } from './kit/events.js';
import { caughtUp, useLiveDelivery } from './kit/use-live-delivery.js';

const live = useLiveDelivery();
let worker: PendingNotificationsWorker;
afterEach(() => worker.stop());

function startWorker(publisher: LivePublisher): void {
  worker = new PendingNotificationsWorker(live.dataSource, publisher, silentLog);
  worker.start();
}

function createLargeGroup(member = live.ann): Conversation {
  const group = new Conversation(live.write, [member, ...Array.from({ length: 40 }, () => newId())]);
  group.create();
  return group;
}

const received = () => live.subscriber.notifications.get(live.ann)!;

it('a member of a large group is notified live, also of what was pending when the process started', async () => {
  const publisher = live.startProcess();
  const group = createLargeGroup();
  group.send(group.members[1]!);
  await live.commitTo(publisher);
  startWorker(publisher);
  // It may come twice: catching up publishes what is stored already, too.
  await eventually(() => expect(received().at(-1)).toMatchObject({ message: 'message 1', data: { count: 1 } }));
  group.send(group.members[1]!);
  await live.commitTo(publisher);
  worker.wake();
  await eventually(() => expect(received().at(-1)).toMatchObject({ message: 'message 2', data: { count: 2 } }));
});

it('while Redis is unavailable the list is right, and the member is notified after its return', async () => {
  const publisher = live.startProcess();
  const group = createLargeGroup();
  await live.commitTo(publisher);
  await caughtUp(publisher);
  live.proxy.refuse();
  group.send(group.members[1]!);
  await live.commitTo(publisher);
  startWorker(publisher);
  await eventually(async () => expect(await live.listOf(live.ann)).toMatchObject([{ message: 'message 1' }]));
  live.proxy.resume();
  await eventually(() => expect(received().at(-1)).toMatchObject({ message: 'message 1', data: { count: 1 } }));
});

it('a group is not kept waiting by others that are busy all the time', async () => {
  class OneConversationPerRound extends PendingNotificationsWorker {
    protected override readonly conversationsPerRound = 1;
  }
  const publisher = live.startProcess();
  // Ids ascend.
  const [busy, group] = [createLargeGroup(newId()), createLargeGroup()];
  group.send(group.members[1]!);
  worker = new OneConversationPerRound(live.dataSource, publisher, silentLog);
  await eventually(async () => {
    busy.send(busy.members[1]!);
    await live.commitTo(publisher);
    worker.start();
    worker.wake();
    expect(received().at(-1)).toMatchObject({ message: 'message 1' });
  });
});
