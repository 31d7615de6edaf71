import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CACHE_DIR, ROOT } from '../paths.ts';
import type { ProcessDefinition } from '../processes/managed-process.ts';
import { JVM_FLAGS, classArchive, classPath, fetchJars, pinnedVersion, requireJava } from './java.ts';
import { probe } from './probe.ts';
import { run } from './tools.ts';

/** Kafka as one process, broker and controller (KRaft), from the jars on Maven Central. */
export async function prepareKafka(options: {
  dataDir: string;
  logFile: string;
  port: number;
  controllerPort: number;
}): Promise<ProcessDefinition> {
  const java = await requireJava();
  const version = pinnedVersion('kafka');
  const jars = path.join(CACHE_DIR, `kafka-${version}`);
  await fetchJars(jars, `Kafka ${version} (45 MB)`);

  const folder = path.join(options.dataDir, 'kafka');
  const properties = writeProperties(folder, options);
  const archive = classArchive(java, `kafka-${version}`);
  if (!existsSync(path.join(folder, 'log/meta.properties'))) {
    const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', properties];
    await run(java, [...JVM_FLAGS, '-Xmx64m', '-cp', classPath(jars), ...format]);
  }
  return {
    name: 'kafka',
    kind: 'infrastructure',
    command: java,
    args: [
      '-Xmx256m',
      ...JVM_FLAGS,
      archive.flag,
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-Dorg.slf4j.simpleLogger.showDateTime=true',
      '-cp',
      classPath(jars),
      'kafka.Kafka',
      properties,
    ],
    commandPattern: properties,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 30_000,
    logFile: options.logFile,
    afterStop: archive.keep,
    notReady: () => probe(options.port, metadataRequest(), listsABroker),
    readyTimeoutMs: 60_000,
  };
}

function writeProperties(folder: string, options: { port: number; controllerPort: number }): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'server.properties');
  const template = readFileSync(path.join(ROOT, 'infra/kafka/server.properties'), 'utf8');
  const filled = template
    .replaceAll('@LOG_DIR@', path.join(folder, 'log'))
    .replaceAll('@PORT@', String(options.port))
    .replaceAll('@CONTROLLER_PORT@', String(options.controllerPort));
  writeFileSync(file, filled);
  return file;
}

/** 22 letters of base64url; not a minus in front, which would be taken for an option. */
function clusterId(): string {
  return randomBytes(16).toString('base64url').replace(/^-/, 'A');
}

/** Metadata, version 1, without topics. A broker accepts connections before it can do anything: it can when it is listed itself. */
function metadataRequest(): Buffer {
  const client = 'probe';
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + client.length + 4);
  let at = request.writeInt32BE(request.length - 4, 0);
  at = request.writeInt16BE(3, at); // Metadata
  at = request.writeInt16BE(1, at); // version
  at = request.writeInt32BE(7, at); // correlation id
  at = request.writeInt16BE(client.length, at);
  at += request.write(client, at);
  request.writeInt32BE(0, at); // no topics
  return request;
}

function listsABroker(answer: Buffer): boolean | undefined {
  const brokerCountAt = 8; // after the length and the correlation id
  return answer.length < brokerCountAt + 4 ? undefined : answer.readInt32BE(brokerCountAt) > 0;
}
