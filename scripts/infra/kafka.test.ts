import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createKafka, type KafkaSettings } from '@chat/shared/kafka';
import { silentLog } from '@chat/shared/observability';
import { expect, it, onTestFinished } from 'vitest';
import { freePort } from '../processes/ports.ts';
import { ProcessGroup } from '../processes/process-group.ts';
import { prepareKafka } from './kafka.ts';

/** A listener that accepts only the user chat. */
const SASL = `
listener.security.protocol.map=PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
  username="broker" password="between-brokers" user_broker="between-brokers" user_chat="secret";
`;

async function brokersSeenWith(settings: Partial<KafkaSettings>, broker: string): Promise<number> {
  const admin = createKafka({ brokers: [broker], schemaRegistryUrl: '', topicPrefix: '', ...settings }, 'test', silentLog).admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length;
  } finally {
    await admin.disconnect();
  }
}

it(
  'signs in to a Kafka that is closed to others, and whose files and folders are closed to other users',
  { timeout: 180_000 },
  async () => {
    const dataDir = mkdtempSync(path.join(os.tmpdir(), 'chat-kafka-'));
    const group = new ProcessGroup(() => {});
    onTestFinished(async () => {
      await group.stop();
      rmSync(dataDir, { recursive: true });
    });
    const port = await freePort();
    const part = await prepareKafka({ dataDir, port, secondPort: await freePort(), password: '' });
    appendFileSync(path.join(dataDir, 'kafka/server.properties'), SASL);
    const chat = { saslMechanism: 'plain', saslUsername: 'chat', saslPassword: 'secret' } as const;
    const checkReady = async () => void (await brokersSeenWith(chat, part.address));
    await group.start({ name: 'kafka', kind: 'infrastructure', port, logFile: path.join(dataDir, 'kafka.log'), ...part, checkReady });
    const openToOthers = readdirSync(path.join(dataDir, 'kafka')).filter(
      (name) => statSync(path.join(dataDir, 'kafka', name)).mode & 0o077,
    );
    expect(openToOthers).toEqual([]);
    expect(await brokersSeenWith(chat, part.address)).toBe(1);
    await expect(brokersSeenWith({ ...chat, saslPassword: 'wrong' }, part.address)).rejects.toThrow(/SASL|authentication/i);
  },
);

it.each([
  ['of 4.4.0, which wrote no version', undefined],
  ['of a newer one', '99.0.0'],
])('leaves the data of another Kafka untouched: %s', async (_, version) => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'chat-kafka-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const log = path.join(dataDir, 'kafka/log');
  mkdirSync(log, { recursive: true });
  writeFileSync(path.join(log, 'meta.properties'), 'cluster.id=one\n');
  if (version) writeFileSync(path.join(dataDir, 'kafka/version'), version);
  const files = () => readdirSync(dataDir, { recursive: true }).map(String).sort();
  const before = files();
  const options = { dataDir, port: await freePort(), secondPort: await freePort(), password: '' };
  await expect(prepareKafka(options)).rejects.toThrow(/newer.*npm run reset/s);
  expect(files()).toEqual(before);
});
