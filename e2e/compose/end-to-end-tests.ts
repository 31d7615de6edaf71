import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Reaper } from '../../scripts/processes/reaper.ts';
import { runVitest, type Counts } from '../../scripts/processes/vitest.ts';
import type { Installation } from './installation.ts';

/** The tests of e2e/ against the system in containers. Sign-in with Google is skipped: it needs the fake Google of the testkit. */
export async function runEndToEndTests(installation: Installation, signal: AbortSignal): Promise<Counts> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'chat-test-report-'));
  const reaper = new Reaper();
  try {
    const env = { E2E_GATEWAY_URL: `${installation.url}/graphql`, E2E_MAILPIT_URL: installation.mailboxUrl };
    return await runVitest({ args: ['--project', 'e2e'], env, reportFile: path.join(folder, 'report.json'), reaper, signal });
  } finally {
    reaper.close();
    rmSync(folder, { recursive: true });
  }
}
