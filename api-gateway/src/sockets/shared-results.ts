import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { StreamItem } from '../streams/stream-item.js';
import type { GraphqlContext } from '../graphql/graphql-context.js';

/** Sockets get an event within moments of each other. */
const MAX_CACHED_RESULTS = 1000;

type PromiseOrValue<T> = Promise<T> | T;

/** The results of one operation with one set of variables. */
export interface ResultsOfOperation {
  /** The result for an event: computed by `resolve` for the first socket, and shared with the others unless it depends on the user. */
  get(item: StreamItem, resolve: () => PromiseOrValue<ExecutionResult>, context: GraphqlContext): PromiseOrValue<ExecutionResult>;
}

interface Plan {
  id: number;
  /** The variables on which the selection depends: all except those of the arguments of the subscription itself. */
  variables: string[];
  /** Types of events whose results depend on the user. They are not shared again. */
  userDependent: Set<string>;
  /** Types of events, with the variables, whose results are known to be the same for a user that is not a member any more. */
  memberIndependent: Set<string>;
}

/**
 * Many sockets get the same events with the same selection: each result is computed once. Resolvers report a value that depends on
 * the current user (`GraphqlContext.isUserDependent`); a result with such a value is computed for each socket. One with a value that only members of its
 * conversation see (`isMemberDependent`) is shared among those that still are members.
 */
export class SharedResults {
  private readonly plans = new WeakMap<DocumentNode, Map<string, Plan>>();
  /** While a result is computed, a promise for it; null if it cannot be shared. */
  private readonly results = new LRUCache<string, ExecutionResult | Promise<ExecutionResult | null>>({ max: MAX_CACHED_RESULTS });
  private planCount = 0;

  of({ document, operationName, variableValues }: ExecutionArgs): ResultsOfOperation {
    const plan = this.planOf(document, operationName ?? '');
    const values = plan.variables.map((name) => [name, variableValues?.[name]]);
    const prefix = `${plan.id}|${values.length === 0 ? '' : JSON.stringify(Object.fromEntries(values))}|`;
    return {
      get: (item, resolve, context) => {
        if (plan.userDependent.size > 0 && plan.userDependent.has(kindOf(item))) return resolve();
        const share = () => this.share(prefix, plan, item, resolve, context);
        if (item.isMember === null || plan.memberIndependent.has(prefix + kindOf(item))) return share();
        return item.isMember().then((isMember) => (isMember ? share() : resolve()), resolve);
      },
    };
  }

  private share(
    prefix: string,
    plan: Plan,
    item: StreamItem,
    resolve: () => PromiseOrValue<ExecutionResult>,
    context: GraphqlContext,
  ): PromiseOrValue<ExecutionResult> {
    const key = prefix + item.shareKey;
    const cached = this.results.get(key);
    // A promise for each socket would cost more than the computation that it saves.
    if (cached) return cached instanceof Promise ? cached.then((result) => result ?? resolve()) : cached;
    return this.compute(prefix, plan, item, resolve, context);
  }

  private compute(
    prefix: string,
    plan: Plan,
    item: StreamItem,
    resolve: () => PromiseOrValue<ExecutionResult>,
    context: GraphqlContext,
  ): PromiseOrValue<ExecutionResult> {
    const key = prefix + item.shareKey;
    const finish = (result: ExecutionResult): ExecutionResult | null => {
      if (!context.isMemberDependent && !result.errors) plan.memberIndependent.add(prefix + kindOf(item));
      if (context.isUserDependent) plan.userDependent.add(kindOf(item));
      const isShareable = !context.isUserDependent && !context.isItemUserDependent && !result.errors;
      if (isShareable) this.results.set(key, result);
      else this.results.delete(key);
      return isShareable ? result : null;
    };
    const computing = resolve();
    if (!(computing instanceof Promise)) {
      finish(computing);
      return computing;
    }
    const shared = computing.then(finish, () => {
      // An error of this socket is no reason for the others to fail: they compute the result themselves.
      this.results.delete(key);
      return null;
    });
    this.results.set(key, shared);
    return computing;
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

/** The type of the event. Whether a live result depends on the user is the same for all events of one type. */
function kindOf(item: StreamItem): string {
  const [field, value] = Object.entries(item.root)[0] as [string, { type?: string }];
  return `${field}.${value.type ?? ''}`;
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
