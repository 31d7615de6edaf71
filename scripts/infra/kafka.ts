import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CACHE_DIR, ROOT } from '../paths.ts';
import { run } from '../processes/run-command.ts';
import { UserError } from '../progress.ts';
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
  refuseNewerData(folder, version);
  privateFolder(folder);
  const template = readFileSync(path.join(ROOT, 'infra/kafka/server.properties'), 'utf8');
  const values: Record<string, string | number> = { LOG_DIR: path.join(folder, 'log'), PORT: port, CONTROLLER_PORT: secondPort };
  writeFileSync(
    properties,
    template.replaceAll(/@([A-Z_]+)@/g, (_, name: string) => String(values[name])),
    { mode: 0o600 },
  );
  if (!isFormatted(folder)) {
    writeFileSync(versionFile(folder), version, { mode: 0o600 }); // first: data without it is that of 4.4.0
    privateFolder(path.join(folder, 'log')); // the tool leaves its files readable for all
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

/** The version of Kafka that made the data, beside it. */
const versionFile = (folder: string): string => path.join(folder, 'version');
const isFormatted = (folder: string): boolean => existsSync(path.join(folder, 'log/meta.properties'));

/** An older Kafka cannot read the data of a newer one. Builds before this file existed used Kafka 4.4.0. */
function refuseNewerData(folder: string, version: string): void {
  if (!isFormatted(folder)) return;
  const file = versionFile(folder);
  const dataVersion = existsSync(file) ? readFileSync(file, 'utf8').trim() : '4.4.0';
  if (dataVersion.localeCompare(version, 'en', { numeric: true }) <= 0) return;
  throw new UserError(
    `The data in ${folder} was written by Kafka ${dataVersion}, which is newer than the Kafka ${version} of this build: it cannot be read.
It was left as it is. \`npm run reset\` deletes it with all other data of this system; with the build that wrote it, it still works.`,
  );
}
