import { type DocumentNode, type ExecutionArgs, getOperationAST, Kind, type OperationDefinitionNode, visit } from 'graphql';
import { LRUCache } from 'lru-cache';
import { type FeedEvent, identityOfEvent } from '@chat/shared/contracts';
import type { StreamItem } from '../streams/stream-item.js';
import type { EventText } from './event-text.js';

/** Sockets get an event within moments of each other. Some results have 100,000 times the characters of others. */
const CACHED = { max: 1000, maxSize: 16_000_000 };

export type PromiseOrValue<T> = Promise<T> | T;

/** An item that was resolved for one socket. */
export interface ResolvedItem {
  text: EventText;
  /** The results of all events of its kind depend on the user. */
  isUserDependent: boolean;
  /** It has a value that is the same for all members of a conversation, and none for other users; or errors. */
  isMemberDependent: boolean;
  /** Others with the same selection may have it. */
  isShareable: boolean;
}

/** The results of one operation with one set of variables. */
export interface ResultsOfOperation {
  /** The result for an item: computed by `resolve` for the first socket, and shared with the others unless it depends on the user. */
  get(item: StreamItem, resolve: () => PromiseOrValue<ResolvedItem>): PromiseOrValue<EventText>;
}

interface Plan {
  id: number;
  /** The variables on which the selection depends: all except those of the arguments of the subscription itself. */
  variables: string[];
  /** Kinds of items whose results depend on the user. They are not shared again. */
  userDependent: Set<string>;
  /** Kinds of items, with the variables, whose results are known to be the same for a user that is not a member any more. */
  memberIndependent: Set<string>;
}

/**
 * Many sockets get the same events with the same selection: each result is computed, and written as JSON, once. Resolvers report a value that depends on
 * the current user (`GraphqlContext.isUserDependent`); a result with such a value is computed for each socket. One with a value that only members of its
 * conversation see (`isMemberDependent`) is shared among those that still are members.
 */
export class SharedResults {
  private readonly plans = new WeakMap<DocumentNode, Map<string, Plan>>();
  /** While a result is computed, a promise for it; null if it cannot be shared. */
  private readonly results = new LRUCache<string, EventText | Promise<EventText | null>>({
    ...CACHED,
    sizeCalculation: (result) => (result instanceof Promise ? 1 : result.length),
  });
  /** The result before this one. An event comes to all its sockets in a row, so mostly it is this one again, and needs no key. */
  private last: { prefix: string; event: FeedEvent; text: EventText } | null = null;
  private planCount = 0;

  of({ document, operationName, variableValues }: ExecutionArgs): ResultsOfOperation {
    const plan = this.planOf(document, operationName ?? '');
    const values = plan.variables.map((name) => [name, variableValues?.[name]]);
    const prefix = `${plan.id}|${values.length === 0 ? '' : JSON.stringify(Object.fromEntries(values))}|`;
    return {
      get: (item, resolve) => {
        const { shared: event, kind, isMember } = item;
        if (event === null || (plan.userDependent.size > 0 && plan.userDependent.has(kind))) return textOf(resolve());
        if (isMember === null || plan.memberIndependent.has(prefix + kind)) return this.share(prefix, plan, event, item, resolve);
        const forUser = () => textOf(resolve());
        return isMember().then((isStill) => (isStill ? this.share(prefix, plan, event, item, resolve) : forUser()), forUser);
      },
    };
  }

  private share(
    prefix: string,
    plan: Plan,
    event: FeedEvent,
    { kind }: StreamItem,
    resolve: () => PromiseOrValue<ResolvedItem>,
  ): PromiseOrValue<EventText> {
    if (this.last?.event === event && this.last.prefix === prefix) return this.last.text;
    const key = prefix + identityOfEvent(event);
    const cached = this.results.get(key);
    if (!cached) return this.compute(key, plan, prefix, kind, resolve);
    // A promise for each socket would cost more than the computation that it saves.
    if (cached instanceof Promise) return cached.then((text) => text ?? textOf(resolve()));
    this.last = { prefix, event, text: cached };
    return cached;
  }

  private compute(
    key: string,
    plan: Plan,
    prefix: string,
    kind: string,
    resolve: () => PromiseOrValue<ResolvedItem>,
  ): PromiseOrValue<EventText> {
    const finish = ({ text, isUserDependent, isMemberDependent, isShareable }: ResolvedItem): EventText | null => {
      if (!isMemberDependent) plan.memberIndependent.add(prefix + kind);
      if (isUserDependent) plan.userDependent.add(kind);
      if (isShareable) this.results.set(key, text);
      else this.results.delete(key);
      return isShareable ? text : null;
    };
    const computing = resolve();
    if (!(computing instanceof Promise)) {
      finish(computing);
      return computing.text;
    }
    const shared = computing.then(finish, () => {
      // An error of this socket is no reason for the others to fail: they compute the result themselves.
      this.results.delete(key);
      return null;
    });
    this.results.set(key, shared);
    return textOf(computing);
  }

  private planOf(document: DocumentNode, operationName: string): Plan {
    let plans = this.plans.get(document);
    if (!plans) this.plans.set(document, (plans = new Map()));
    let plan = plans.get(operationName);
    if (!plan) {
      const operation = getOperationAST(document, operationName || undefined);
      plan = {
        id: ++this.planCount,
        variables: operation ? selectionVariables(document, operation) : [],
        userDependent: new Set(),
        memberIndependent: new Set(),
      };
      plans.set(operationName, plan);
    }
    return plan;
  }
}

function textOf(resolved: PromiseOrValue<ResolvedItem>): PromiseOrValue<EventText> {
  return resolved instanceof Promise ? resolved.then(({ text }) => text) : resolved.text;
}

function selectionVariables(document: DocumentNode, operation: OperationDefinitionNode): string[] {
  const names = new Set<string>();
  const collect = (node: OperationDefinitionNode['selectionSet']) =>
    visit(node, { Variable: (variable) => void names.add(variable.name.value) });
  for (const definition of document.definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) collect(definition.selectionSet);
  for (const selection of operation.selectionSet.selections) {
    for (const directive of selection.directives ?? []) visit(directive, { Variable: (variable) => void names.add(variable.name.value) });
    if (selection.kind === Kind.FIELD) {
      if (selection.selectionSet) collect(selection.selectionSet);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
  }
  return [...names].sort();
}
