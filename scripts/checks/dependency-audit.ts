import { readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { ROOT } from '../paths.ts';

/** An advisory that does not concern this product, with the reason. */
interface Waiver {
  /** Of the advisory, such as GHSA-xxxx-xxxx-xxxx. */
  id: string;
  package: string;
  reason: string;
}

/** The part of `npm audit --json` that is read here. `via` names either an advisory or another package that has one. */
export interface AuditReport {
  vulnerabilities?: Record<string, { via: (string | { name: string; severity: string; title: string; url: string })[] }>;
}

const WAIVERS = 'scripts/checks/audit-waivers.json';

/**
 * The known vulnerabilities of the packages that run in production, except those with a waiver. Null if the registry gives no report, which
 * is so without a network. A part of `npm run check` but not of `npm test`: an advisory of tomorrow must not fail a build of today.
 */
export async function dependencyAudit(): Promise<string[] | null> {
  const { stdout } = await execa('npm', ['audit', '--omit=dev', '--json'], { cwd: ROOT, reject: false, timeout: 60_000 });
  const report = parseReport(stdout);
  return report && vulnerabilities(report, JSON.parse(readFileSync(path.join(ROOT, WAIVERS), 'utf8')) as Waiver[]);
}

function parseReport(stdout: string | undefined): AuditReport | null {
  try {
    const report = JSON.parse(stdout ?? '') as AuditReport;
    return report.vulnerabilities ? report : null;
  } catch {
    return null;
  }
}

/** One line for each advisory without a waiver, and for each waiver that is not needed any more. */
export function vulnerabilities({ vulnerabilities: found = {} }: AuditReport, waivers: Waiver[]): string[] {
  const advisories = Object.values(found)
    .flatMap(({ via }) => via)
    .filter((via) => typeof via !== 'string')
    .map((advisory) => ({ ...advisory, id: path.basename(advisory.url) }));
  const isWaived = ({ id, name }: { id: string; name: string }) => waivers.some((waiver) => waiver.id === id && waiver.package === name);
  return [
    ...advisories
      .filter((advisory) => !isWaived(advisory))
      .map(({ id, name, severity, title }) => `${name}: ${title} (${severity}, ${id})`),
    ...waivers
      .filter((waiver) => !advisories.some(({ id, name }) => id === waiver.id && name === waiver.package))
      .map(({ id, package: name }) => `${WAIVERS}: ${id} of ${name} is not reported any more, remove it`),
  ];
}
