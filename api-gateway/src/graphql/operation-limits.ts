import { RateLimits, type RequestSource } from '@chat/shared/rate-limits';
import { type DocumentNode, type FieldNode, Kind, type OperationDefinitionNode, OperationTypeNode, type SelectionSetNode } from 'graphql';
import type { Redis } from 'ioredis';
import type { GatewayConfig } from '../config.js';

type Variables = Record<string, unknown> | null | undefined;
/** Without an address, as behind a proxy that does not write one, all clients together have the limit of one address. */
const UNKNOWN_ADDRESS = 'unknown';

type OperationClass =
  | 'queries'
  | 'searches'
  | 'userSearches'
  | 'mutations'
  | 'groupChanges'
  | 'messageChanges'
  | 'sends'
  | 'typing'
  | 'subscriptions'
  | 'replays';

/**
 * The rate limits of operations, over HTTP and sockets alike. Every root field takes a point, also the second one of the same name under an
 * alias. Nothing waits for Redis: an operation of a socket keeps its place in the order of the frames.
 */
export class OperationLimits {
  private readonly limits: RateLimits<OperationClass | 'anonymous' | 'files' | 'rejected'>;

  constructor(config: GatewayConfig, redis: Redis) {
    const {
      queries,
      searches,
      userSearches,
      mutations,
      groupChanges,
      messageChanges,
      sends,
      typing,
      subscriptions,
      replays,
      anonymous,
      files,
      rejected,
    } = config.rateLimits;
    this.limits = new RateLimits({
      classes: {
        queries,
        searches,
        userSearches,
        mutations,
        groupChanges,
        messageChanges,
        sends,
        typing,
        subscriptions,
        replays,
        anonymous,
        files,
        rejected,
      },
      config: config.rateLimits,
      isProduction: config.nodeEnv === 'production',
      redis,
    });
  }

  /** Throws RATE_LIMITED, before a document is parsed, if too many documents of this source were rejected. */
  checkRejected(source: RequestSource): void {
    this.limits.checkAtOnce('rejected', documentSource(source));
  }

  /** A document of this source was rejected. */
  countRejected(source: RequestSource): void {
    try {
      this.limits.takeAtOnce('rejected', documentSource(source));
    } catch {
      // This document has its answer; the next one is refused.
    }
  }

  /** Throws RATE_LIMITED if the root fields of the operation exceed a limit. */
  takeOperation(document: DocumentNode, operation: OperationDefinitionNode, variables: Variables, { user, address }: RequestSource): void {
    const source = { user: user ?? null, address: address ?? UNKNOWN_ADDRESS };
    const fields = rootFieldsOf(operation.selectionSet, document);
    if (!source.user) return this.limits.takeAtOnce('anonymous', source, fields.length);
    const points = new Map<OperationClass, number>();
    for (const field of fields) for (const name of classesOf(operation, field, variables)) points.set(name, (points.get(name) ?? 0) + 1);
    for (const [name, count] of points) this.limits.takeAtOnce(name, source, count);
  }

  /** Throws RATE_LIMITED if a request for a REST path exceeds the limit of its address. */
  takeRequest(address: string | null): void {
    this.limits.takeAtOnce('anonymous', { address: address ?? UNKNOWN_ADDRESS });
  }

  /** Throws RATE_LIMITED if a file, which an address sends or loads, exceeds its limit. */
  takeFile(address: string | null): void {
    this.limits.takeAtOnce('files', { address: address ?? UNKNOWN_ADDRESS });
  }
}

/** A user that sends bad documents is not to take the limit from the other users of the address. */
function documentSource({ user = null, address = null }: RequestSource): RequestSource {
  return user === null ? { address: address ?? UNKNOWN_ADDRESS } : { user };
}

/** Of queries that are not only of the class `queries`. */
const CLASSES_OF_QUERY = new Map<string, OperationClass[]>([
  ['searchMessages', ['queries', 'searches']],
  ['searchUsers', ['queries', 'userSearches']],
]);
const GROUP_CHANGES = ['createGroup', 'updateGroup', 'addGroupMembers', 'removeGroupMember', 'setGroupMemberRole', 'leaveConversation'];
const MESSAGE_CHANGES = ['editMessage', 'deleteMessage', 'addReaction', 'removeReaction'];
/** Of mutations that are not only of the class `mutations`. */
const CLASSES_OF_MUTATION = new Map<string, OperationClass[]>([
  ['sendMessage', ['sends']],
  ['setTyping', ['typing']],
  ...MESSAGE_CHANGES.map((name): [string, OperationClass[]] => [name, ['mutations', 'messageChanges']]),
  ...GROUP_CHANGES.map((name): [string, OperationClass[]] => [name, ['mutations', 'groupChanges']]),
]);

function classesOf({ operation, variableDefinitions }: OperationDefinitionNode, field: FieldNode, variables: Variables): OperationClass[] {
  if (operation === OperationTypeNode.QUERY) return CLASSES_OF_QUERY.get(field.name.value) ?? ['queries'];
  if (operation === OperationTypeNode.MUTATION) return CLASSES_OF_MUTATION.get(field.name.value) ?? ['mutations'];
  return isReplay(field, variables, variableDefinitions) ? ['subscriptions', 'replays'] : ['subscriptions'];
}

function isReplay(field: FieldNode, variables: Variables, definitions: OperationDefinitionNode['variableDefinitions']): boolean {
  const after = field.arguments?.find(({ name }) => name.value === 'after')?.value;
  if (after === undefined || after.kind === Kind.NULL) return false;
  if (after.kind !== Kind.VARIABLE) return true;
  const name = after.name.value;
  const value = variables?.[name];
  if (value !== undefined) return value !== null;
  return definitions?.some(({ variable, defaultValue }) => variable.name.value === name && defaultValue !== undefined) === true;
}

function rootFieldsOf({ selections }: SelectionSetNode, document: DocumentNode): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT) return rootFieldsOf(selection.selectionSet, document);
    const fragment = document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
    );
    return fragment?.kind === Kind.FRAGMENT_DEFINITION ? rootFieldsOf(fragment.selectionSet, document) : [];
  });
}
