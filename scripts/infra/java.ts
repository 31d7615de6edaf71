import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { CACHE_DIR, ROOT } from '../paths.ts';
import { run } from '../processes/run-command.ts';
import { UserError, progress } from '../progress.ts';
import { oneAtATime, requireTool } from './tools.ts';

const JAVA = { command: 'java', purpose: 'Kafka', apt: 'openjdk-17-jre-headless', brew: 'openjdk@17', dnf: 'java-17-openjdk-headless' };
const MAVEN = { command: 'mvn', purpose: 'fetching Kafka', apt: 'maven', brew: 'maven', dnf: 'maven' };
const POM = path.join(ROOT, 'infra/pom.xml');
const DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';

/**
 * A small heap starts quickly; in a short-lived process the second compiler costs more than it saves. The figures for jstat (PerfData) would
 * wake up an idle JVM 20 times a second.
 */
export const JVM_FLAGS = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'];

/** The version that infra/pom.xml names. */
export function pinnedVersion(name: 'kafka' | 'apicurio'): string {
  const version = readFileSync(POM, 'utf8').match(new RegExp(`<${name}.version>(.*?)<`))?.[1];
  if (!version) throw new Error(`infra/pom.xml names no ${name}.version`);
  return version;
}

/** The path of a Java that is new enough. */
export async function requireJava(): Promise<string> {
  const java = await requireTool(JAVA);
  if (existsSync(archiveFolder(java))) return java; // this one was checked before
  const output = await run(java, ['-version']).catch((error: Error) => error.message); // macOS has a `java` that only prints how to install one
  const version = Number(output.match(/version "(\d+)/)?.[1] ?? 0);
  if (version < 17) {
    const found = version ? `is Java ${version}` : 'does not work';
    throw new UserError(
      `Java 17 or newer is needed for Kafka; ${java} ${found}. Install ${JAVA.apt} (apt) or ${JAVA.brew} (brew), and put it first in PATH.`,
    );
  }
  mkdirSync(archiveFolder(java), { recursive: true });
  return java;
}

/** A folder of the cache for this version of Java: a class archive works only with the Java that wrote it. */
function archiveFolder(java: string): string {
  const file = realpathSync(java);
  const { size, mtimeMs } = statSync(file);
  return path.join(CACHE_DIR, `java-${createHash('sha256').update(`${file} ${size} ${mtimeMs}`).digest('hex').slice(0, 12)}`);
}

/** A class archive halves the start (infra/README.md). The first orderly stop writes it; later starts use it. */
export function classArchive(java: string, name: string): { flag: string; keep: () => void } {
  const file = path.join(archiveFolder(java), `${name}.jsa`);
  if (existsSync(file)) return { flag: `-XX:SharedArchiveFile=${file}`, keep: () => {} };
  const fresh = `${file}.${process.pid}`;
  // Renamed when it is complete; a process that is killed writes none.
  return { flag: `-XX:ArchiveClassesAtExit=${fresh}`, keep: () => existsSync(fresh) && renameSync(fresh, file) };
}

/** Fetches the jars of the pom's dependencies into a folder of the cache. */
export const fetchJars = (folder: string, what: string): Promise<void> =>
  fetchOnce(folder, what, [`${DEPENDENCY_PLUGIN}:copy-dependencies`, '-DincludeScope=runtime']);

/** Fetches one archive and unpacks it into a folder of the cache. */
export const fetchArchive = (folder: string, what: string, artifact: string): Promise<void> =>
  fetchOnce(folder, what, [`${DEPENDENCY_PLUGIN}:unpack`, `-Dartifact=${artifact}`]);

const afterOtherFetches = oneAtATime();

/** The folder is renamed when it is complete, so that the next start repeats an interrupted download. */
function fetchOnce(folder: string, what: string, goal: string[]): Promise<void> {
  return afterOtherFetches(async () => {
    if (existsSync(folder)) return;
    const maven = await requireTool(MAVEN);
    progress(`fetching ${what} from Maven Central, the first time only ...`);
    const work = `${folder}.${process.pid}`;
    try {
      // Maven writes marker files beside the pom; with them it would skip the next download.
      cpSync(POM, path.join(work, 'pom.xml'));
      const target = path.join(work, 'files');
      await run(maven, ['-q', '-B', '-ntp', '-f', path.join(work, 'pom.xml'), ...goal, `-DoutputDirectory=${target}`]);
      if (!existsSync(folder)) renameSync(target, folder); // another clone may have been quicker
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
}

/** Sorted: a class archive works only with the order in which it was written. */
export function classPath(folder: string): string {
  const jars = readdirSync(folder).filter((name) => name.endsWith('.jar'));
  return jars
    .sort()
    .map((name) => path.join(folder, name))
    .join(path.delimiter);
}
