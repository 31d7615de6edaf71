import { execute, type ExecutionArgs, type ExecutionResult } from 'graphql';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import type { StreamItem } from '../streams/stream-item.js';
import { EventText } from './event-text.js';
import type { PromiseOrValue, ResolvedItem } from './shared-results.js';

/** Resolves the items of one subscription, each in a context of its own; those of a page share what they load. */
export class ItemResolver {
  private readonly base: GraphqlContext;
  private page: object | null = null;
  private pageContext: GraphqlContext | null = null;

  constructor(
    private readonly args: ExecutionArgs,
    /** What clients learn about errors. */
    private readonly withPublicErrors: (result: ExecutionResult) => ExecutionResult,
  ) {
    this.base = args.contextValue as GraphqlContext;
  }

  /** Throws (or rejects) if the item must not be sent: the client would take it for the state. */
  resolve(item: StreamItem): PromiseOrValue<ResolvedItem> {
    const context = this.contextOf(item);
    const result = execute({ ...this.args, rootValue: item.root(), contextValue: context });
    return result instanceof Promise ? result.then((awaited) => this.finish(awaited, context)) : this.finish(result, context);
  }

  private finish(result: ExecutionResult, context: GraphqlContext): ResolvedItem {
    if (context.streamFailure !== null) throw context.streamFailure;
    const { isUserDependent, isItemUserDependent } = context;
    const isMemberDependent = context.isMemberDependent || result.errors !== undefined;
    const isShareable = !isUserDependent && !isItemUserDependent && !result.errors;
    return { text: new EventText(this.withPublicErrors(result)), isUserDependent, isMemberDependent, isShareable };
  }

  private contextOf({ page }: StreamItem): GraphqlContext {
    if (page === null) return this.newContext();
    if (page !== this.page || !this.pageContext) {
      this.page = page;
      this.pageContext = this.newContext();
    } else this.pageContext.startNextEvent();
    return this.pageContext;
  }

  /** Sockets differ in the URLs of files, which are filled in for each: see EventText. */
  private newContext(): GraphqlContext {
    const context = this.base.fork();
    context.hasUrlPlaceholders = true;
    return context;
  }
}
