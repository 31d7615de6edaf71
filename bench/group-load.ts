import { randomUUID } from 'node:crypto';
import type { GroupMember, MessageReceiver } from './group-member.ts';
import { SEND, TEXT } from './load-generator.ts';
import { runOpenLoop, type Load } from './open-loop.ts';
import { stepResult, type Flight, type StepResult } from './step-result.ts';

interface GroupFlight extends Flight {
  /** Known when the message is accepted. */
  seq: number | null;
}

/** What has arrived of one message. */
interface Arrivals {
  sockets: number;
  lastAt: number;
}

/** A group whose members are all connected. A message is delivered when the socket of the last member has it; the sender is a member as well. */
export class GroupLoad implements Load, MessageReceiver {
  readonly conversationId: string;
  readonly members: readonly GroupMember[];
  /** Messages that were accepted since the beginning. */
  accepted = 0;
  /** Sends without an answer: their messages may be stored. */
  failed = 0;
  /** Messages that were lost, doubled or out of order since the beginning, and sockets that failed. */
  faults = 0;
  /** The last seq at each socket. */
  readonly #lastSeqs: Uint32Array;
  readonly #arrivals = new Map<number, Arrivals>();
  #flights: GroupFlight[] = [];
  #outOfOrder = 0;
  #completed = 0;
  #acceptedInStep = 0;
  #otherEvents = 0;

  private constructor(conversationId: string, members: GroupMember[]) {
    this.conversationId = conversationId;
    this.members = members;
    this.#lastSeqs = new Uint32Array(members.length);
    members.forEach((member, index) => member.join(this, index));
  }

  /** Creates a group of these members. The first one is the owner. */
  static async create(members: GroupMember[]): Promise<GroupLoad> {
    const [owner, ...others] = members.map(({ user }) => user);
    const { createGroup } = await owner!.mustAsk('mutation ($input: CreateGroupInput!) { createGroup(input: $input) { id } }', {
      input: { title: `${members.length} members`, memberIds: others.map(({ userId }) => userId) },
    });
    return new GroupLoad(createGroup.id, members);
  }

  async step(ratePerSecond: number, seconds: number, drainMs = 10_000): Promise<StepResult> {
    this.#flights = [];
    this.#arrivals.clear();
    this.#outOfOrder = 0;
    this.#completed = 0;
    this.#acceptedInStep = 0;
    this.#otherEvents = 0;
    const failures = new Map<string, number>();
    const { startedAt, endedAt, isOverloaded } = await runOpenLoop({
      ratePerSecond,
      seconds,
      drainMs,
      send: (dueAt) => this.#send(dueAt, failures),
      undelivered: () => this.#acceptedInStep - this.#completed,
    });
    for (const flight of this.#flights) {
      const arrivals = flight.seq === null ? undefined : this.#arrivals.get(flight.seq);
      if (!arrivals || arrivals.sockets < this.members.length) continue;
      flight.deliveredAt = arrivals.lastAt;
      flight.copies = arrivals.sockets === this.members.length ? 1 : 2;
    }
    const counted = { isOverloaded, outOfOrder: this.#outOfOrder, otherEvents: this.#otherEvents, failures };
    const result = stepResult(this.#flights, startedAt, endedAt, counted);
    this.faults += result.lost + result.doubled + result.outOfOrder;
    this.failed += result.failed;
    return result;
  }

  messageArrived(member: number, seq: number): void {
    if (seq !== this.#lastSeqs[member]! + 1) this.#outOfOrder += 1;
    this.#lastSeqs[member] = seq;
    const arrivals = this.#arrivals.get(seq);
    if (!arrivals) {
      this.#arrivals.set(seq, { sockets: 1, lastAt: performance.now() });
      return;
    }
    arrivals.sockets += 1;
    arrivals.lastAt = performance.now();
    if (arrivals.sockets === this.members.length) this.#completed += 1;
  }

  eventArrived(): void {
    this.#otherEvents += 1;
  }

  memberFailed(reason: string): void {
    this.faults += 1;
    console.log(reason.slice(0, 300));
  }

  async #send(dueAt: number, failures: Map<string, number>): Promise<void> {
    const { user } = this.members[Math.floor(Math.random() * this.members.length)]!;
    const flight: GroupFlight = { dueAt, acceptedAt: null, deliveredAt: null, copies: 0, seq: null };
    this.#flights.push(flight);
    try {
      const { sendMessage } = await user.mustAsk(SEND, {
        input: { conversationId: this.conversationId, content: TEXT, clientMessageId: randomUUID() },
      });
      flight.acceptedAt = performance.now();
      flight.seq = sendMessage.seq;
      this.accepted += 1;
      this.#acceptedInStep += 1;
    } catch (error) {
      const reason = (error as Error).message.slice(0, 80);
      failures.set(reason, (failures.get(reason) ?? 0) + 1);
    }
  }
}
