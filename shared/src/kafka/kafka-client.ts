import {
  Kafka,
  logLevel,
  Partitioners,
  type ConsumerConfig,
  type ISocketFactory,
  type KafkaConfig as KafkaJsConfig,
  type LogEntry,
  type ProducerConfig,
  type SASLOptions,
} from 'kafkajs';
import type { Log } from '../observability/index.js';
import type { KafkaConfig } from '../config/index.js';
import './request-queue-timer.js';

/**
 * The settings of kafkajs, for every client. With these retries, producers and consumers recover within a second after a broker is available
 * again; with the defaults it took up to ten.
 */
const RETRY = { initialRetryTime: 100, factor: 0.2, multiplier: 1.3, maxRetryTime: 1000 };

/** The part of KafkaConfig that clients of Kafka need. */
export type KafkaSettings = Pick<KafkaConfig, 'brokers' | 'schemaRegistryUrl' | 'topicPrefix'> &
  Partial<
    Pick<KafkaConfig, 'ssl' | 'schemaRegistryUsername' | 'schemaRegistryPassword' | 'saslMechanism' | 'saslUsername' | 'saslPassword'>
  > & {
    /** Opens every connection to a broker; tests simulate outages with it. */
    socketFactory?: ISocketFactory;
  };

/** A client of kafkajs that logs through `log`: everyday lines, such as rebalances, only on debug level. */
export function createKafka(config: KafkaSettings, clientId: string, log: Log): Kafka {
  const settings: KafkaJsConfig = {
    clientId,
    brokers: config.brokers,
    connectionTimeout: 1000,
    requestTimeout: 3000,
    retry: { ...RETRY, retries: 20 },
    ssl: config.ssl ?? false,
    ...saslOf(config),
    ...(config.socketFactory ? { socketFactory: config.socketFactory } : {}),
    logLevel: logLevel.INFO,
    logCreator: () => logForwarder(log),
  };
  return new Kafka(settings);
}

function saslOf({
  saslMechanism: mechanism,
  saslUsername: username = '',
  saslPassword: password = '',
}: KafkaSettings): Pick<KafkaJsConfig, 'sasl'> {
  return mechanism ? { sasl: { mechanism, username, password } as SASLOptions } : {};
}

/**
 * Settings of an idempotent producer. It must have one send in flight: with two, of which one times out, kafkajs assigns a sequence number
 * twice, and the broker drops an acknowledged record as a duplicate. For the same reason, a producer whose send was rejected must be
 * replaced. SingleFlightProducer does both.
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

/** Settings of a consumer. `maxWaitTimeInMs` adds no latency while `minBytes` is 1, but every stop, join and seek waits for it (default: 5 s). */
export function consumerSettings(groupId: string): ConsumerConfig {
  return {
    groupId,
    // After this time without a heartbeat, the partitions of a member are assigned to others.
    sessionTimeout: 6000,
    heartbeatInterval: 2000,
    rebalanceTimeout: 10_000,
    maxWaitTimeInMs: 1000,
    allowAutoTopicCreation: false,
    metadataMaxAge: 30_000,
    // EventConsumer creates a new consumer instead: kafkajs does not report when its own restart has joined.
    retry: { ...RETRY, retries: 20, restartOnFailure: () => Promise.resolve(false) },
  };
}

/** The name of a topic that Kafka knows: with the prefix of the installation. */
export function topicOf(config: KafkaSettings, name: string): string {
  return config.topicPrefix + name;
}

/** The name of a consumer group that Kafka knows: with the prefix of the installation. */
export function groupOf(config: KafkaSettings, group: string): string {
  return config.topicPrefix + group;
}

/** The dead-letter topic of a group. */
export function deadLetterTopicOf(config: KafkaSettings, group: string): string {
  return `${config.topicPrefix}${group}.dead-letter`;
}

/** Lines that kafkajs logs as errors, but that belong to normal operation: rebalances, a broker that starts, a topic that exists already. */
const NORMAL_OPERATION =
  /rebalanc|re-joining|not aware of this member|Limiting retries|already exists|Pausing fetching|Resuming fetching|Consumer has joined|^\[?Stopped|^\[?Starting|consumer not running|Offset out of range|TOPIC_ALREADY_EXISTS|coordinator is (loading|not available)/i;
const ABOUT_CONNECTIONS = /Connection|ECONNREFUSED|Failed to connect|Restarting the consumer|Crash: |Response .*error|broker|disconnect/i;

const SAME_LINE_INTERVAL_MS = 30_000;

function logForwarder(log: Log): (entry: LogEntry) => void {
  const lastShown = new Map<string, number>();
  return ({ level, log: entry }) => {
    const { message, stack: _stack, timestamp: _timestamp, logger: _logger, ...fields } = entry;
    const text = `kafka: ${message}`;
    const isNormal = NORMAL_OPERATION.test(message) || (typeof fields['error'] === 'string' && NORMAL_OPERATION.test(fields['error']));
    const now = Date.now();
    // During an outage, kafkajs logs the same line several times a second.
    const isRepeated = now - (lastShown.get(message) ?? 0) < SAME_LINE_INTERVAL_MS;
    if (isNormal || isRepeated || level > logLevel.WARN) return log.debug(fields, text);
    if (lastShown.size > 1000) lastShown.clear();
    lastShown.set(message, now);
    if (level === logLevel.WARN || ABOUT_CONNECTIONS.test(message)) log.warn(fields, text);
    else log.error(fields, text);
  };
}
