import {
  CommonConfig,
  DatabaseConfig,
  Env,
  KafkaConfig,
  RedisConfig,
  Section,
  InternalIssuerConfig,
  InternalReceiverConfig,
} from '@chat/shared/config';
import { SERVICE_PORTS } from '@chat/shared/contracts';
import { UploadsConfig } from '@chat/shared/uploads';

export class ChatConfig extends CommonConfig {
  @Env({ name: 'PORT', type: 'int', default: SERVICE_PORTS['chat-service'], min: 0, max: 65_535, description: 'Port of the REST API' })
  port: number;

  @Env({
    name: 'SEND_PORT',
    type: 'int',
    default: 8002,
    min: 0,
    max: 65_535,
    description:
      'Port of the RPC server to which gateways send messages, over one persistent connection each; only for the internal network',
  })
  sendPort: number;

  @Env({
    name: 'SEND_MAX_CONNECTIONS',
    type: 'int',
    default: 256,
    min: 1,
    max: 65_535,
    description: 'How many connections SEND_PORT accepts at a time; each gateway has one, and a second one for a moment when it restarts',
  })
  sendMaxConnections: number;

  @Env({
    name: 'RECEIPT_INTERVAL_MS',
    type: 'int',
    default: 1000,
    min: 0,
    // With the time for locks, below the deadline of the gateway.
    max: 1000,
    description:
      'Least time between two writes of the receipts of a member in a conversation, in milliseconds. Each write has one ReceiptsAdvanced',
  })
  receiptIntervalMs: number;

  @Section(InternalIssuerConfig)
  internalIssuer: InternalIssuerConfig;

  @Section(InternalReceiverConfig)
  internalReceiver: InternalReceiverConfig;

  @Section(DatabaseConfig)
  database: DatabaseConfig;

  @Section(RedisConfig)
  redis: RedisConfig;

  @Section(KafkaConfig)
  kafka: KafkaConfig;

  @Section(UploadsConfig)
  uploads: UploadsConfig;
}
