import {
  type ASTVisitor,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type ParseOptions,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/**
 * Limits of a document, over HTTP and sockets: far above what clients send, and low enough that one document cannot occupy the gateway. There
 * is no depth limit, because the schema has no recursive types, and graphql-js limits introspection itself.
 */
const MAX_TOKENS = 2000;
/** Each root field may be a call to a service, or a password to hash. */
const MAX_ROOT_FIELDS = 30;
/** The fields of a fragment are counted at each spread, because a few fragments can select very many fields. */
const MAX_FIELDS = 500;

export const PARSE_OPTIONS: ParseOptions = { maxTokens: MAX_TOKENS };

/** True if `parse` failed because a document exceeds the limits: too many tokens, or nesting that overflows the stack. */
export function exceedsParseLimits(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof GraphQLError && error.message.startsWith('Syntax Error: Document contains more'));
}

interface Size {
  root: number;
  all: number;
}

/** A validation rule that limits the number of fields of an operation, fragments and aliases included. */
export function documentLimits(context: ValidationContext): ASTVisitor {
  const fragments = new Map<string, Size>();

  const sizeOfFragment = (name: string): Size => {
    const known = fragments.get(name);
    if (known) return known;
    // A fragment that spreads itself is rejected by another rule; this entry only ends the recursion.
    fragments.set(name, { root: 0, all: 0 });
    const fragment = context.getFragment(name);
    const size = fragment ? sizeOf(fragment.selectionSet) : { root: 0, all: 0 };
    fragments.set(name, size);
    return size;
  };

  const sizeOf = ({ selections }: SelectionSetNode): Size => {
    const size = { root: 0, all: 0 };
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        size.root += 1;
        size.all += 1 + (selection.selectionSet ? sizeOf(selection.selectionSet).all : 0);
        continue;
      }
      const spread = selection.kind === Kind.FRAGMENT_SPREAD ? sizeOfFragment(selection.name.value) : sizeOf(selection.selectionSet);
      size.root += spread.root;
      size.all += spread.all;
    }
    return size;
  };

  return {
    OperationDefinition(operation: OperationDefinitionNode) {
      const { root, all } = sizeOf(operation.selectionSet);
      if (root > MAX_ROOT_FIELDS) context.reportError(new GraphQLError(`An operation has at most ${MAX_ROOT_FIELDS} fields at its root.`));
      else if (all > MAX_FIELDS) context.reportError(new GraphQLError(`An operation selects at most ${MAX_FIELDS} fields.`));
    },
  };
}
