import type { PromiseOrValue } from './shared-results.js';

/** What the jobs of a user may take of a turn of the event loop: a page of a replay in a few turns, also while others have much to do. */
const BUDGET_MS = 5;

interface Turn {
  startedAt: number;
  /** Jobs of this turn that have no outcome yet: how long they take is not known. */
  running: number;
  waiting: (() => void)[];
}

/**
 * Runs the jobs of a user at once, one after the other, while they take little of this turn of the event loop; else one in each turn, in the order of the
 * calls. A user with 100 subscriptions, all with long selections, has 100 results computed for each event: others do not wait for more than one of them.
 */
export class UserTurns {
  private readonly turns = new Map<string, Turn>();

  constructor(private readonly budgetMs = BUDGET_MS) {}

  /** The outcome of the job. */
  run<T>(userId: string, job: () => PromiseOrValue<T>): PromiseOrValue<T> {
    const turn = this.turns.get(userId);
    if (!turn) return start(this.begin(userId, []), job);
    if (turn.waiting.length === 0 && turn.running === 0 && performance.now() - turn.startedAt < this.budgetMs) return start(turn, job);
    return new Promise<void>((resolve) => turn.waiting.push(resolve)).then(() => start(this.turns.get(userId) ?? turn, job));
  }

  private begin(userId: string, waiting: Turn['waiting']): Turn {
    const turn = { startedAt: performance.now(), running: 0, waiting };
    this.turns.set(userId, turn);
    setImmediate(() => this.end(userId, turn));
    return turn;
  }

  private end(userId: string, { waiting }: Turn): void {
    const next = waiting.shift();
    if (!next) return void this.turns.delete(userId);
    this.begin(userId, waiting);
    next();
  }
}

function start<T>(turn: Turn, job: () => PromiseOrValue<T>): PromiseOrValue<T> {
  const result = job();
  if (!(result instanceof Promise)) return result;
  turn.running += 1;
  const settle = () => void (turn.running -= 1);
  result.then(settle, settle);
  return result;
}
