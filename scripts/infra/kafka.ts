import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CACHE_DIR, ROOT } from '../paths.ts';
import type { ProcessDefinition } from '../processes/managed-process.ts';
import { run } from '../processes/run-command.ts';
import { JVM_FLAGS, classArchive, classPath, fetchJars, pinnedVersion, requireJava } from './java.ts';
import { kafkaNotReady } from './readiness.ts';

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
    notReady: () => kafkaNotReady(`127.0.0.1:${options.port}`),
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

/** 22 characters of base64url. A minus in front would make it an option. */
function clusterId(): string {
  return randomBytes(16).toString('base64url').replace(/^-/, 'A');
}
