export { AvroCodec, PoisonRecordError, type DecodedEvent } from './avro-codec.js';
export { createKafka, deadLetterTopicOf, groupOf, topicOf, type KafkaSettings } from './kafka-client.js';
export { CONSUMER_GROUPS, provisionKafka, type ProvisionKafkaOptions } from './provision-kafka.js';
export { SchemaRegistry, UnknownSchemaError } from './schema-registry.js';
export { readTopic, UnreadableTopicError } from './topic-reader.js';
export { readTopicSettings } from './topic-settings.js';
