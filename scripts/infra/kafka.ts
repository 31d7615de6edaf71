import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CACHE_DIR, ROOT } from '../paths.ts';
import { run } from '../processes/run-command.ts';
import { privateFolder } from '../processes/private-files.ts';
import type { PartOptions, PartProcess } from './part.ts';
import { JVM_FLAGS, classArchive, classPath, fetchJars, pinnedVersion, requireJava } from './java.ts';
import { checkKafka } from './readiness.ts';

/** Kafka as one process, broker and controller (KRaft), from the jars on Maven Central. */
export async function prepareKafka({ dataDir, port, secondPort }: PartOptions): Promise<PartProcess> {
  const java = await requireJava();
  const version = pinnedVersion('kafka');
  const jars = path.join(CACHE_DIR, `kafka-${version}`);
  await fetchJars(jars, `Kafka ${version} (45 MB)`);

  const folder = path.join(dataDir, 'kafka');
  const properties = path.join(folder, 'server.properties');
  privateFolder(folder);
  const template = readFileSync(path.join(ROOT, 'infra/kafka/server.properties'), 'utf8');
  const values: Record<string, string | number> = { LOG_DIR: path.join(folder, 'log'), PORT: port, CONTROLLER_PORT: secondPort };
  writeFileSync(
    properties,
    template.replaceAll(/@([A-Z_]+)@/g, (_, name: string) => String(values[name])),
    { mode: 0o600 },
  );
  if (!existsSync(path.join(folder, 'log/meta.properties'))) {
    const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A'); // a minus in front would make it an option
    const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties];
    await run(java, [...JVM_FLAGS, '-Xmx64m', '-cp', classPath(jars), ...format]);
  }
  const archive = classArchive(java, `kafka-${version}`);
  const logging = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.showDateTime=true'];
  const address = `127.0.0.1:${port}`;
  return {
    command: java,
    args: ['-Xmx256m', ...JVM_FLAGS, archive.flag, ...logging, '-cp', classPath(jars), 'kafka.Kafka', properties],
    commandPattern: properties,
    afterStop: archive.keep,
    checkReady: () => checkKafka(address),
    address,
  };
}
