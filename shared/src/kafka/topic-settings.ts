import kafkajs from 'kafkajs';
import { silentLog } from '../observability/index.js';
import type { TopicName } from '../events/index.js';
import { createKafka, topicOf, type KafkaSettings } from './kafka-client.js';

// Node finds only some of the names that this CommonJS package exports.
const { ConfigResourceTypes } = kafkajs;

/** The settings of a topic as the broker has them, such as `retention.ms`. Rejects while Kafka is unavailable. */
export async function readTopicSettings(config: KafkaSettings, topic: TopicName): Promise<Map<string, string>> {
  const admin = createKafka(config, 'topic-settings', silentLog).admin();
  await admin.connect();
  try {
    const { resources } = await admin.describeConfigs({
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topicOf(config, topic) }],
      includeSynonyms: false,
    });
    return new Map(resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]));
  } finally {
    await admin.disconnect();
  }
}
