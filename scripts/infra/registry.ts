import path from 'node:path';
import { CACHE_DIR } from '../paths.ts';
import type { ProcessDefinition } from '../processes/managed-process.ts';
import { httpNotReady } from './readiness.ts';
import { JVM_FLAGS, classArchive, fetchArchive, pinnedVersion, requireJava } from './java.ts';

/** The path of Apicurio's API that is compatible with Confluent's registry. */
export const REGISTRY_PATH = '/apis/ccompat/v7';

/** The Schema Registry: Apicurio, with its data in an H2 file. */
export async function prepareRegistry(options: { dataDir: string; logFile: string; port: number }): Promise<ProcessDefinition> {
  const java = await requireJava();
  const version = pinnedVersion('apicurio');
  const folder = path.join(CACHE_DIR, `apicurio-${version}`);
  await fetchArchive(
    folder,
    `the Schema Registry, Apicurio ${version} (142 MB)`,
    `io.apicurio:apicurio-registry-app:${version}:tar.gz:all`,
  );

  const archive = classArchive(java, `apicurio-${version}`);
  const data = path.join(options.dataDir, 'registry');
  return {
    name: 'registry',
    kind: 'infrastructure',
    command: java,
    args: [
      '-Xmx192m',
      ...JVM_FLAGS,
      archive.flag,
      `-Dquarkus.http.host=127.0.0.1`,
      `-Dquarkus.http.port=${options.port}`,
      `-Dchat.data=${data}`, // a property that only names this process
      '-jar',
      path.join(folder, `apicurio-registry-app-${version}-runner.jar`),
    ],
    // Without WRITE_DELAY=0 a schema is lost when the registry is killed within half a second of its registration.
    env: { ...process.env, REGISTRY_DATASOURCE_URL: `jdbc:h2:file:${data}/db;WRITE_DELAY=0` },
    commandPattern: data,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 30_000,
    logFile: options.logFile,
    afterStop: archive.keep,
    notReady: () => httpNotReady(`http://127.0.0.1:${options.port}${REGISTRY_PATH}/subjects`),
    readyTimeoutMs: 60_000,
  };
}
