import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type ParseOptions,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/**
 * Limits of a document, over HTTP and sockets: far above what clients send, and low enough that one document cannot occupy the gateway. They are
 * checked before the rules of the GraphQL specification, some of which take a time that grows with the square of the document.
 */
export const MAX_DOCUMENT_CHARACTERS = 65_536;
const MAX_TOKENS = 2000;
/** Operations and fragments: every two fragments of a selection are compared. */
const MAX_DEFINITIONS = 50;
/** Each root field may be a call to a service, or a password to hash. An alias is a field of its own. */
const MAX_ROOT_FIELDS = 30;
/** A field of each item of a page, such as the text of a message, is in the answer as often as it has aliases. */
const MAX_ALIASES_BELOW_ROOT = 30;
/** The cost of an operation. The fields of a fragment are counted at each spread, because a few fragments can select very many fields. */
const MAX_FIELDS = 500;
/** Spreads and inline fragments: the fields around and within each of them, and every two of them, are compared. */
const MAX_FRAGMENT_USES = 100;
/** Fields with arguments and the same name in the response are compared, value by value. */
const MAX_SAME_FIELDS = 30;
/** `replyTo` leads from a message to a message. */
const MAX_DEPTH = 10;
/** The introspection query of graphql-js has a depth of 15. */
const MAX_INTROSPECTION_DEPTH = 20;
/** Names are repeated in the response, an alias for each item of a list. */
const MAX_NAME_CHARACTERS = 100;

export const PARSE_OPTIONS: ParseOptions = { maxTokens: MAX_TOKENS };

/** Of an operation or a fragment, with the fragments in it. */
interface Size {
  root: number;
  rootAliases: number;
  aliasesBelowRoot: number;
  all: number;
  depth: number;
  introspectionDepth: number;
}

const NOTHING: Size = { root: 0, rootAliases: 0, aliasesBelowRoot: 0, all: 0, depth: 0, introspectionDepth: 0 };

/** The limit that the document exceeds, or null. Takes a time that grows with the length of the document only. */
export function exceededLimit({ definitions }: DocumentNode): GraphQLError | null {
  if (definitions.length > MAX_DEFINITIONS) return exceeded(`A document has at most ${MAX_DEFINITIONS} operations and fragments.`);
  const sizes = new DocumentSizes(definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION));
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    const isOperation = definition.kind === Kind.OPERATION_DEFINITION;
    const { root, aliasesBelowRoot, all, depth, introspectionDepth } = isOperation
      ? sizes.ofSelections(definition.selectionSet)
      : sizes.ofFragment(definition.name.value);
    if (isOperation && root > MAX_ROOT_FIELDS) return exceeded(`An operation has at most ${MAX_ROOT_FIELDS} fields at its root.`);
    if (isOperation && aliasesBelowRoot > MAX_ALIASES_BELOW_ROOT)
      return exceeded(`An operation has at most ${MAX_ALIASES_BELOW_ROOT} aliases below its root.`);
    if (all > MAX_FIELDS) return exceeded(`An operation selects at most ${MAX_FIELDS} fields.`);
    if (isOperation && (depth > MAX_DEPTH || introspectionDepth > MAX_INTROSPECTION_DEPTH))
      return exceeded(`The fields of an operation are nested at most ${MAX_DEPTH} deep.`);
  }
  if (sizes.fieldCount > MAX_FIELDS) return exceeded(`A document has at most ${MAX_FIELDS} fields.`);
  if (sizes.fragmentUses > MAX_FRAGMENT_USES) return exceeded(`A document uses fragments at most ${MAX_FRAGMENT_USES} times.`);
  if (sizes.longestName > MAX_NAME_CHARACTERS) return exceeded(`A name has at most ${MAX_NAME_CHARACTERS} characters.`);
  if (sizes.sameFields > MAX_SAME_FIELDS) return exceeded(`A document has the same field with arguments at most ${MAX_SAME_FIELDS} times.`);
  return null;
}

class DocumentSizes {
  /** As they are written, in all definitions. */
  fieldCount = 0;
  fragmentUses = 0;
  longestName = 0;
  sameFields = 0;
  private readonly namesWithArguments = new Map<string, number>();
  private readonly fragments: Map<string, FragmentDefinitionNode>;
  private readonly sizes = new Map<string, Size>();

  constructor(fragments: FragmentDefinitionNode[]) {
    this.fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  }

  ofFragment(name: string): Size {
    const known = this.sizes.get(name);
    if (known) return known;
    // A fragment that spreads itself is rejected by a rule of the specification; this entry only ends the recursion.
    this.sizes.set(name, NOTHING);
    const fragment = this.fragments.get(name);
    const size = fragment ? this.ofSelections(fragment.selectionSet) : NOTHING;
    this.sizes.set(name, size);
    return size;
  }

  ofSelections({ selections }: SelectionSetNode): Size {
    const size = { ...NOTHING };
    for (const selection of selections) {
      const part = this.ofSelection(selection);
      size.root += part.root;
      size.rootAliases += part.rootAliases;
      size.aliasesBelowRoot += part.aliasesBelowRoot;
      size.all += part.all;
      size.depth = Math.max(size.depth, part.depth);
      size.introspectionDepth = Math.max(size.introspectionDepth, part.introspectionDepth);
    }
    return size;
  }

  private ofSelection(selection: SelectionNode): Size {
    if (selection.kind !== Kind.FIELD) this.fragmentUses += 1;
    if (selection.kind === Kind.FRAGMENT_SPREAD) return this.ofFragment(selection.name.value);
    if (selection.kind === Kind.INLINE_FRAGMENT) return this.ofSelections(selection.selectionSet);
    const name = selection.name.value;
    const key = selection.alias?.value ?? name;
    this.fieldCount += 1;
    this.longestName = Math.max(this.longestName, key.length, name.length);
    if (selection.arguments?.length) {
      const count = (this.namesWithArguments.get(key) ?? 0) + 1;
      this.namesWithArguments.set(key, count);
      this.sameFields = Math.max(this.sameFields, count);
    }
    const { all, depth, introspectionDepth, ...within } = selection.selectionSet ? this.ofSelections(selection.selectionSet) : NOTHING;
    const counts = {
      root: 1,
      rootAliases: key === name ? 0 : 1,
      aliasesBelowRoot: within.rootAliases + within.aliasesBelowRoot,
      all: all + 1,
    };
    // Introspection is counted apart: its types lead back to themselves, and graphql-js limits how often.
    if (name.startsWith('__')) return { ...counts, depth: 1, introspectionDepth: depth + 1 };
    return { ...counts, depth: depth + 1, introspectionDepth };
  }
}

function exceeded(message: string): GraphQLError {
  return new GraphQLError(message);
}
