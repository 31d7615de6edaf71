import { Env } from './env.decorators.js';

/** The addresses of Kafka and of its Schema Registry. */
export class KafkaConfig {
  @Env({ name: 'KAFKA_BROKER', type: 'list', default: ['127.0.0.1:9092'], min: 1, description: 'Brokers as host:port, comma separated' })
  brokers: string[];

  @Env({
    name: 'SCHEMA_REGISTRY_URL',
    type: 'url',
    default: 'http://127.0.0.1:8081/apis/ccompat/v7',
    description: "Base address of the Schema Registry's Confluent-compatible API",
  })
  schemaRegistryUrl: string;

  @Env({
    name: 'KAFKA_TOPIC_PREFIX',
    type: 'string',
    default: '',
    max: 60,
    description: 'Prefix of every topic and consumer group, so that installations can share brokers; empty: none',
  })
  topicPrefix: string;
}
