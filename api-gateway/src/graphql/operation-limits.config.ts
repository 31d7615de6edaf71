import { Env, RateLimitConfig, type RateLimit } from '@chat/shared/config';

/** The rate limits of the gateway: points per time of each class of operations. */
export class OperationLimitsConfig extends RateLimitConfig {
  @Env({ name: 'RATE_LIMIT_QUERIES', type: 'rateLimit', default: '300/60', description: 'Queries of a user' })
  queries: RateLimit;

  @Env({
    name: 'RATE_LIMIT_SEARCHES',
    type: 'rateLimit',
    default: '60/60',
    description: 'Searches of a user (searchMessages). Each is a query, too',
  })
  searches: RateLimit;

  @Env({
    name: 'RATE_LIMIT_USER_SEARCHES',
    type: 'rateLimit',
    default: '200/600',
    description: 'Searches for users by a user (searchUsers): enough to type names, too few to copy all profiles. Each is a query, too',
  })
  userSearches: RateLimit;

  @Env({
    name: 'RATE_LIMIT_MUTATIONS',
    type: 'rateLimit',
    default: '300/60',
    description: 'Mutations of a user, except sendMessage and setTyping',
  })
  mutations: RateLimit;

  @Env({
    name: 'RATE_LIMIT_GROUP_CHANGES',
    type: 'rateLimit',
    default: '60/60',
    description:
      'Changes of groups by a user: creating, title, members, roles, leaving. Each is an event to all members, and a mutation, too',
  })
  groupChanges: RateLimit;

  @Env({
    name: 'RATE_LIMIT_MESSAGE_CHANGES',
    type: 'rateLimit',
    default: '120/60',
    description: 'Edits, deletions and reactions of a user together. Each is an event to all members, as a message is, and a mutation, too',
  })
  messageChanges: RateLimit;

  @Env({ name: 'RATE_LIMIT_SENDS', type: 'rateLimit', default: '120/60', description: 'Messages that a user sends (sendMessage)' })
  sends: RateLimit;

  @Env({ name: 'RATE_LIMIT_TYPING', type: 'rateLimit', default: '120/60', description: 'How often a user reports typing (setTyping)' })
  typing: RateLimit;

  @Env({ name: 'RATE_LIMIT_SUBSCRIPTIONS', type: 'rateLimit', default: '120/60', description: 'Subscriptions that a user opens' })
  subscriptions: RateLimit;

  @Env({
    name: 'RATE_LIMIT_REPLAYS',
    type: 'rateLimit',
    default: '60/60',
    description: 'Replays that a user opens: `events` with `after`. Each is a subscription, too',
  })
  replays: RateLimit;

  @Env({
    name: 'RATE_LIMIT_ANONYMOUS',
    type: 'rateLimit',
    default: '120/60',
    description:
      'Operations of an address without a valid token (sign-in, registration, refreshToken …), and its requests for the REST paths of the gateway',
  })
  anonymous: RateLimit;

  @Env({
    name: 'RATE_LIMIT_FILES',
    type: 'rateLimit',
    default: '3000/60',
    description: 'Files that an address sends or loads; each part of a file that is loaded by range counts',
  })
  files: RateLimit;

  @Env({
    name: 'RATE_LIMIT_REJECTED',
    type: 'rateLimit',
    default: '60/60',
    description:
      'Documents that are rejected before execution, of a user or, without a valid token, of an address. Above it, no document is parsed',
  })
  rejected: RateLimit;
}
