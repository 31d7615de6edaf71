import type { GraphqlClient } from '@chat/testkit/graphql-client';
import { TestUser } from '@chat/testkit/user';
import type { System } from '../scripts/system.ts';
import { GroupLoad } from './group-load.ts';
import { GroupMember } from './group-member.ts';
import { type GroupStep, printCpuPerDelivery, printGroupSteps } from './group-report.ts';
import { measureHighestRate } from './highest-rate.ts';
import { measuredStep } from './measured-step.ts';
import { warmUp } from './warm-up.ts';

/** Hashing passwords is most of a registration. */
const REGISTRATIONS_AT_ONCE = 8;
const WARM_UP_RATE_OF_LARGE_GROUP = 50;
/** In a group of this size the highest rate is measured. */
const MEMBERS_AT_HIGHEST_RATE = 100;

export interface DeliveryOptions {
  /** The sizes of groups, the smallest first. */
  sizes: number[];
  /** Messages that are sent to each group. */
  messages: number;
  warmUpMessages: number;
  /** Where the search for the highest rate begins and ends, in messages per second; null: it is not measured. */
  highest: { firstRate: number; maxRate: number } | null;
}

/** Users with an open stream each, of whom the groups are made. */
export class Members {
  readonly #client: GraphqlClient;
  readonly #open: GroupMember[] = [];

  constructor(client: GraphqlClient) {
    this.#client = client;
  }

  /** The first so many. */
  async take(count: number): Promise<GroupMember[]> {
    if (this.#open.length < count) console.log(`Registering ${count - this.#open.length} users, and opening their streams …`);
    while (this.#open.length < count) {
      const some = Array.from({ length: Math.min(REGISTRATIONS_AT_ONCE, count - this.#open.length) }, async () =>
        GroupMember.open(await TestUser.register(this.#client, 'member')),
      );
      this.#open.push(...(await Promise.all(some)));
    }
    return this.#open.slice(0, count);
  }

  close(): void {
    for (const member of this.#open) member.close();
  }
}

/** A message a second is what a group of 1,000 is measured with. */
const rateOf = (members: number) => (members >= 1000 ? 1 : 10);

/** Measures sends to groups whose members are all connected, and prints it. `isComplete`: nothing was lost, doubled or out of order. */
export async function measureDeliveries(
  members: Members,
  system: System,
  options: DeliveryOptions,
): Promise<{ groups: GroupLoad[]; isComplete: boolean }> {
  const groups: GroupLoad[] = [];
  const steps: GroupStep[] = [];
  const group = async (size: number) => {
    groups.push(await GroupLoad.create(await members.take(size)));
    return groups.at(-1)!;
  };
  if (options.warmUpMessages > 0) {
    await warmUp(await group(10), options.warmUpMessages);
    await warmUp(await group(100), options.warmUpMessages / 5, WARM_UP_RATE_OF_LARGE_GROUP);
  }
  for (const size of options.sizes) {
    const rate = rateOf(size);
    const load = await group(size);
    // The first message finds no connection of its sender, no cached token and no cached members.
    await load.step(rate, 5);
    steps.push({ ...(await measuredStep(load, system, rate, options.messages / rate)), members: size });
  }
  if (steps.length > 0) {
    console.log('\nSends to groups; all members are connected, and a message has arrived when the last socket has it:');
    printGroupSteps(steps);
    printCpuPerDelivery(steps);
  }
  if (options.highest) {
    console.log(`\nThe highest rate of messages to a group of ${MEMBERS_AT_HIGHEST_RATE} members:`);
    const load = await group(MEMBERS_AT_HIGHEST_RATE);
    const sustained = await measureHighestRate(load, system, options.highest);
    printCpuPerDelivery(sustained.map((step) => ({ ...step, members: load.members.length })));
  }
  return { groups, isComplete: groups.every(({ faults }) => faults === 0) };
}
