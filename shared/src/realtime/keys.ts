/**
 * The name of every key in Redis. A Redis Cluster keeps the keys of one hash tag, the part in braces, on one server: pipelines, scripts and
 * transactions may use any of them together.
 */
export const redisKey = (name: string) => `{chat}:${name}`;

/** Never written: to delete it changes nothing, but only the primary that has the keys executes the command. */
export const WRITE_CHECK_KEY = redisKey('write-check');
