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

const REMEMBERED_RESULTS = 2000;

/** Results of one operation with one set of variables. */
export interface ResultsOfOperation {
  /** The result of an event: made by `resolve` for the first reader, and taken as it is by the others if it shows all of them the same. */
  get(item: StreamItem, resolve: () => Promise<ExecutionResult> | ExecutionResult, context: GraphqlContext): Promise<ExecutionResult>;
}

interface Plan {
  id: number;
  /** Variables that what is selected depends on: all but those of the subscription's own arguments. */
  variables: string[];
  /** What turned out to look different to each viewer is not tried again: names of types of events. */
  viewerDependent: Set<string>;
}

/**
 * Many sockets read the same events with the same selection: each result is made once. Resolvers say when a value depends on the viewer
 * (`GraphqlContext.isViewerDependent`); such results are made for each.
 */
export class SharedResults {
  private readonly plans = new WeakMap<DocumentNode, Map<string, Plan>>();
  private readonly results = new LRUCache<string, Promise<{ result: ExecutionResult; isShareable: boolean }>>({ max: REMEMBERED_RESULTS });
  private planCount = 0;

  of({ document, operationName, variableValues }: ExecutionArgs): ResultsOfOperation {
    const plan = this.planOf(document, operationName ?? '');
    const values = plan.variables.map((name) => [name, variableValues?.[name]]);
    const prefix = `${plan.id}|${values.length === 0 ? '' : JSON.stringify(Object.fromEntries(values))}|`;
    return {
      get: async (item, resolve, context) => {
        const kind = kindOf(item);
        if (plan.viewerDependent.has(kind)) return resolve();
        const key = prefix + item.shareKey;
        const known = this.results.get(key);
        if (known) {
          const { result, isShareable } = await known;
          return isShareable ? result : resolve();
        }
        const making = (async () => {
          const result = await resolve();
          if (context.isUserDependent) plan.viewerDependent.add(kind);
          return { result, isShareable: !context.isUserDependent && !result.errors };
        })();
        this.results.set(key, making);
        return (await making).result;
      },
    };
  }

  private planOf(document: DocumentNode, operationName: string): Plan {
    let plans = this.plans.get(document);
    if (!plans) this.plans.set(document, (plans = new Map()));
    let plan = plans.get(operationName);
    if (!plan) {
      const operation = getOperationAST(document, operationName || undefined);
      plan = { id: ++this.planCount, variables: operation ? selectionVariables(document, operation) : [], viewerDependent: new Set() };
      plans.set(operationName, plan);
    }
    return plan;
  }
}

/** The type of the event; live results of one type are all made in the same way. */
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
