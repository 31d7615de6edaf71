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
 * How long and how wide a document may be, over HTTP and sockets: many times what clients send, and so little that none keeps the gateway
 * from others. The schema has no way to nest without end, and graphql-js bounds introspection itself.
 */
const MAX_TOKENS = 2000;
/** Each may be a call to a service, or a password to check. */
const MAX_ROOT_FIELDS = 30;
/** Counted where fragments are spread, since a few of them can select very much. */
const MAX_FIELDS = 500;

export const PARSE_OPTIONS: ParseOptions = { maxTokens: MAX_TOKENS };

/** True of what `parse` throws when a document is beyond the limits, not wrong: too many tokens, or nested until the stack ends. */
export function isBeyondParsing(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof GraphQLError && error.message.startsWith('Syntax Error: Document contains more'));
}

interface Size {
  root: number;
  all: number;
}

/** A validation rule: an operation selects so many fields at most, however it spells them. */
export function documentLimits(context: ValidationContext): ASTVisitor {
  const fragments = new Map<string, Size>();

  const sizeOfFragment = (name: string): Size => {
    const known = fragments.get(name);
    if (known) return known;
    // One that spreads itself is refused by another rule; here it must only come to an end.
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
