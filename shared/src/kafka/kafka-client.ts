import {
  Kafka,
  logLevel,
  Partitioners,
  type ConsumerConfig,
  type ISocketFactory,
  type KafkaConfig as KafkaJsConfig,
  type LogEntry,
  type ProducerConfig,
} from 'kafkajs';
import type { Log } from '../observability/index.js';
import type { KafkaConfig } from '../config/index.js';
import './request-queue-timer.js';

/**
 * The one place that knows how kafkajs is set up.
 * The timeouts and retries bring producers and consumers back within a second of a broker's return; the defaults took up to ten.
 */
const RETRY = { initialRetryTime: 100, factor: 0.2, multiplier: 1.3, maxRetryTime: 1000 };

/** What the messaging code needs of KafkaConfig. */
export type KafkaSettings = Pick<KafkaConfig, 'brokers' | 'schemaRegistryUrl' | 'topicPrefix'> & {
  /** Opens every connection to a broker; tests stand in the way with it. */
  socketFactory?: ISocketFactory;
};

export function createKafka(config: KafkaSettings, clientId: string, log: Log): Kafka {
  const settings: KafkaJsConfig = {
    clientId,
    brokers: config.brokers,
    connectionTimeout: 1000,
    requestTimeout: 3000,
    retry: { ...RETRY, retries: 20 },
    ...(config.socketFactory ? { socketFactory: config.socketFactory } : {}),
    logLevel: logLevel.INFO,
    logCreator: () => logForwarder(log),
  };
  return new Kafka(settings);
}

/**
 * One send in flight per producer, always: with two open and one timing out, kafkajs gives a sequence number away twice and the broker
 * drops an acknowledged record as a duplicate. A producer whose send was rejected must be thrown away for the same reason.
 */
export function producerSettings(): ProducerConfig {
  return {
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { ...RETRY, retries: 20 },
  };
}

/** `maxWaitTimeInMs` costs no latency while `minBytes` is 1, but every stop, join and seek waits for it: the default of 5 s is far too long. */
export function consumerSettings(groupId: string): ConsumerConfig {
  return {
    groupId,
    // A member that died is missed after this long, and its partitions wait until then.
    sessionTimeout: 6000,
    heartbeatInterval: 1000,
    rebalanceTimeout: 10_000,
    maxWaitTimeInMs: 250,
    allowAutoTopicCreation: false,
    metadataMaxAge: 30_000,
    // Whoever runs the consumer makes a new one instead: kafkajs does not say when its restart has joined.
    retry: { ...RETRY, retries: 20, restartOnFailure: () => Promise.resolve(false) },
  };
}

/** The topic as Kafka knows it. */
export function topicOf(config: KafkaSettings, name: string): string {
  return config.topicPrefix + name;
}

export function groupOf(config: KafkaSettings, group: string): string {
  return config.topicPrefix + group;
}

/** Where a group puts what it cannot use. */
export function deadLetterTopicOf(config: KafkaSettings, group: string): string {
  return `${config.topicPrefix}${group}.dead-letter`;
}

/** What kafkajs calls an error but is its everyday work: rebalances, a broker that starts, a topic that is there already. */
const EVERYDAY =
  /rebalanc|re-joining|not aware of this member|Limiting retries|already exists|Pausing fetching|Resuming fetching|Consumer has joined|^\[?Stopped|^\[?Starting|consumer not running|Offset out of range|TOPIC_ALREADY_EXISTS|coordinator is (loading|not available)/i;
const ABOUT_CONNECTIONS = /Connection|ECONNREFUSED|Failed to connect|Restarting the consumer|Crash: |Response .*error|broker|disconnect/i;

const SAME_LINE_EVERY_MS = 30_000;

function logForwarder(log: Log): (entry: LogEntry) => void {
  const lastShown = new Map<string, number>();
  return ({ level, log: entry }) => {
    const { message, stack: _stack, timestamp: _timestamp, logger: _logger, ...fields } = entry;
    const text = `kafka: ${message}`;
    const isEveryday = EVERYDAY.test(message) || (typeof fields['error'] === 'string' && EVERYDAY.test(fields['error']));
    const now = Date.now();
    // During an outage the same line comes several times a second.
    const isRepeated = now - (lastShown.get(message) ?? 0) < SAME_LINE_EVERY_MS;
    if (isEveryday || isRepeated || level > logLevel.WARN) return log.debug(fields, text);
    if (lastShown.size > 1000) lastShown.clear();
    lastShown.set(message, now);
    if (level === logLevel.WARN || ABOUT_CONNECTIONS.test(message)) log.warn(fields, text);
    else log.error(fields, text);
  };
}
