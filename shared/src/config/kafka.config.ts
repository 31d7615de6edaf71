import { Env } from './env.decorators.js';
import type { ConfigWithChecks } from './load-config.js';

/** The addresses of Kafka and of its Schema Registry, and how to sign in to Kafka. */
export class KafkaConfig implements ConfigWithChecks {
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
    name: 'SCHEMA_REGISTRY_USERNAME',
    type: 'string',
    optional: true,
    description: 'User of this service in the Schema Registry (HTTP Basic authentication); empty: none',
  })
  schemaRegistryUsername?: string;

  @Env({ name: 'SCHEMA_REGISTRY_PASSWORD', type: 'secret', optional: true, description: 'Password of that user' })
  schemaRegistryPassword?: string;

  @Env({
    name: 'KAFKA_TOPIC_PREFIX',
    type: 'string',
    default: '',
    max: 60,
    description: 'Prefix of every topic and consumer group, so that installations can share brokers; empty: none',
  })
  topicPrefix: string;

  @Env({
    name: 'KAFKA_SSL',
    type: 'boolean',
    default: false,
    description: 'TLS to Kafka. The certificate is verified; NODE_EXTRA_CA_CERTS adds a private authority',
  })
  ssl: boolean;

  @Env({
    name: 'KAFKA_SASL_MECHANISM',
    type: 'string',
    optional: true,
    oneOf: ['plain', 'scram-sha-256', 'scram-sha-512'],
    description: 'How to sign in to Kafka; empty: without a user',
  })
  saslMechanism?: 'plain' | 'scram-sha-256' | 'scram-sha-512';

  @Env({ name: 'KAFKA_SASL_USERNAME', type: 'string', optional: true, description: 'User of this service in Kafka' })
  saslUsername?: string;

  @Env({ name: 'KAFKA_SASL_PASSWORD', type: 'secret', optional: true, description: 'Password of that user' })
  saslPassword?: string;

  validate(): string[] {
    const missing = (name: string) => `${name} is not set, but KAFKA_SASL_MECHANISM is`;
    const registry =
      (this.schemaRegistryUsername === undefined) === (this.schemaRegistryPassword === undefined)
        ? []
        : ['SCHEMA_REGISTRY_USERNAME and SCHEMA_REGISTRY_PASSWORD must be set together'];
    if (this.saslMechanism === undefined) return registry;
    return [
      ...registry,
      ...(this.saslUsername ? [] : [missing('KAFKA_SASL_USERNAME')]),
      ...(this.saslPassword ? [] : [missing('KAFKA_SASL_PASSWORD')]),
    ];
  }
}
