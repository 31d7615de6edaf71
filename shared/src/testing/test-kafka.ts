import { silentLog } from '../observability/index.js';
import type { KafkaConfig } from '../config/index.js';
import { createKafka } from '../kafka/kafka-client.js';
import { provisionKafka, type ProvisionKafkaOptions } from '../kafka/provision-kafka.js';
import { testKafkaConfig } from './test-infra.js';

/** Topics of one test. */
export interface TestKafka {
  config: KafkaConfig;
  /** Deletes the topics of this test. */
  drop(): Promise<void>;
}

/** Creates the topics and subjects of one test, with a random prefix. */
export async function provisionTestKafka(config = testKafkaConfig(), options?: ProvisionKafkaOptions): Promise<TestKafka> {
  await provisionKafka(config, options);
  return {
    config,
    drop: async () => {
      const admin = createKafka(config, 'test', silentLog).admin();
      await admin.connect();
      const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(config.topicPrefix));
      if (topics.length > 0) await admin.deleteTopics({ topics });
      await admin.disconnect();
    },
  };
}
