import path from 'node:path';
import { CACHE_DIR } from '../paths.ts';
import type { PartOptions, PartProcess } from './part.ts';
import { JVM_FLAGS, classArchive, fetchArchive, pinnedVersion, requireJava } from './java.ts';
import { checkHttp } from './readiness.ts';

/** The path of Apicurio's API that is compatible with Confluent's registry. */
export const REGISTRY_PATH = '/apis/ccompat/v7';

/** The Schema Registry: Apicurio, with its data in an H2 file. */
export async function prepareRegistry({ dataDir, port }: PartOptions): Promise<PartProcess> {
  const java = await requireJava();
  const version = pinnedVersion('apicurio');
  const folder = path.join(CACHE_DIR, `apicurio-${version}`);
  const artifact = `io.apicurio:apicurio-registry-app:${version}:tar.gz:all`;
  await fetchArchive(folder, `the Schema Registry, Apicurio ${version} (142 MB)`, artifact);

  const archive = classArchive(java, `apicurio-${version}`);
  const data = path.join(dataDir, 'registry');
  const properties = ['-Dquarkus.http.host=127.0.0.1', `-Dquarkus.http.port=${port}`, `-Dchat.data=${data}`]; // the last one only names the process
  const address = `http://127.0.0.1:${port}${REGISTRY_PATH}`;
  return {
    command: java,
    args: ['-Xmx192m', ...JVM_FLAGS, archive.flag, ...properties, '-jar', path.join(folder, `apicurio-registry-app-${version}-runner.jar`)],
    // Without WRITE_DELAY=0 a schema is lost when the registry is killed within half a second of its registration.
    env: { ...process.env, REGISTRY_DATASOURCE_URL: `jdbc:h2:file:${data}/db;WRITE_DELAY=0` },
    commandPattern: data,
    afterStop: archive.keep,
    checkReady: () => checkHttp(`${address}/subjects`),
    address,
  };
}
