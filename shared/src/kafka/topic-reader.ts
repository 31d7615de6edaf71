import type { Kafka, KafkaMessage } from 'kafkajs';

const MAX_WAIT_MS = 100;
const MAX_BYTES = 4 * 1024 * 1024;

/** The part of a kafkajs cluster that is used here, as by the consumers of kafkajs. */
interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
  fetchTopicsOffset(
    topics: { topic: string; partitions: { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<{ partitions: { partition: number; offset: string }[] }[]>;
  findBroker(node: { nodeId: number }): Promise<{ fetch(request: object): Promise<FetchResponse> }>;
}

interface FetchResponse {
  responses: { partitions: { messages: (KafkaMessage & { isControlRecord?: boolean })[] }[] }[];
}

interface Partition {
  id: number;
  leader: number;
  firstOffset: number;
  endOffset: number;
}

/** A part of a topic cannot be read; the message says why. */
export class UnreadableTopicError extends Error {
  override readonly name = 'UnreadableTopicError';
}

/**
 * Reads every record from the beginning of a topic to its present end, partition by partition; a topic that does not exist has none. Rejects
 * with UnreadableTopicError if any partition cannot be read, so that no record is missing without notice.
 *
 * The consumers of kafkajs belong to a group, which the broker may let wait for seconds until it may read, and which an operator may not be
 * allowed to join. So this asks the leaders of the partitions.
 */
export async function readTopic(kafka: Kafka, topic: string, onRecord: (record: KafkaMessage) => void): Promise<void> {
  const admin = kafka.admin();
  const cluster = createCluster(kafka);
  try {
    await admin.connect();
    if (!(await admin.listTopics()).includes(topic)) return;
    await cluster.connect();
    await cluster.addTargetTopic(topic);
    for (const partition of await partitionsOf(cluster, topic)) await readPartition(cluster, topic, partition, onRecord);
  } catch (error) {
    throw new UnreadableTopicError(`The topic ${topic} cannot be read: ${(error as Error).message}`, { cause: error });
  } finally {
    await Promise.all([admin.disconnect(), cluster.disconnect()]);
  }
}

async function partitionsOf(cluster: Cluster, topic: string): Promise<Partition[]> {
  const metadata = cluster.findTopicPartitionMetadata(topic);
  const leaders = new Map(metadata.map(({ partitionId, leader }) => [partitionId, leader]));
  const ids = Array.from({ length: Math.max(1, ...metadata.map(({ partitionId }) => partitionId + 1)) }, (_, id) => id);
  for (const id of ids) if ((leaders.get(id) ?? -1) < 0) throw new Error(`partition ${id} has no leader`);
  const offsetsOf = async (fromBeginning: boolean) => {
    const [found] = await cluster.fetchTopicsOffset([{ topic, partitions: ids.map((partition) => ({ partition })), fromBeginning }]);
    return new Map(found?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  };
  const [first, end] = [await offsetsOf(true), await offsetsOf(false)];
  return ids.map((id) => {
    const [firstOffset, endOffset] = [first.get(id) ?? -1, end.get(id) ?? -1];
    if (firstOffset < 0 || endOffset < 0) throw new Error(`the offsets of partition ${id} are unknown`);
    return { id, leader: leaders.get(id)!, firstOffset, endOffset };
  });
}

async function readPartition(
  cluster: Cluster,
  topic: string,
  { id: partition, leader, firstOffset, endOffset }: Partition,
  onRecord: (record: KafkaMessage) => void,
): Promise<void> {
  const broker = await cluster.findBroker({ nodeId: leader });
  for (let next = firstOffset; next < endOffset;) {
    const position = { partition, fetchOffset: String(next), maxBytes: MAX_BYTES };
    const { responses } = await broker.fetch({
      maxWaitTime: MAX_WAIT_MS,
      minBytes: 1,
      maxBytes: MAX_BYTES,
      topics: [{ topic, partitions: [position] }],
    });
    // A batch may begin before the requested offset.
    const records = responses
      .flatMap(({ partitions }) => partitions.flatMap(({ messages }) => messages))
      .filter(({ offset }) => Number(offset) >= next);
    for (const record of records) if (Number(record.offset) < endOffset && !record.isControlRecord) onRecord(record);
    // Compaction leaves batches without records: kafkajs does not tell where they end.
    next = records.length === 0 ? next + 1 : Number(records.at(-1)!.offset) + 1;
  }
}

/** The cluster of a client: kafkajs gives it to its own consumers only. */
function createCluster(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === 'private:Kafka:createCluster');
  if (!symbol) throw new Error('this version of kafkajs creates its clusters in another way');
  const { [symbol]: create } = kafka as unknown as Record<symbol, (options: object) => Cluster>;
  return create!({ allowAutoTopicCreation: false });
}
