import { SERVICES } from '../../scripts/services.ts';
import type { Checks } from './checks.ts';
import { stateOf } from './container-state.ts';
import { docker } from './docker.ts';
import type { Installation } from './installation.ts';

const STOPPED_WITHIN_S = 25;
/** After this, the engine kills it. */
const KILLED_AFTER_S = 30;

/** Stops one instance of each service by SIGTERM under the load: it ends by itself, without an error. */
export async function stopEach(installation: Installation, checks: Checks): Promise<void> {
  for (const { name } of SERVICES) {
    const container = await installation.container(name);
    const begunAt = Date.now();
    await docker(['stop', '--time', String(KILLED_AFTER_S), container]);
    const seconds = (Date.now() - begunAt) / 1000;
    const { ExitCode } = await stateOf(container);
    checks.add(`${name} ends ${seconds.toFixed(1)} s after SIGTERM`, [
      ...(seconds < STOPPED_WITHIN_S ? [] : [`later than ${STOPPED_WITHIN_S} s`]),
      ...(ExitCode === 0 ? [] : [`with exit code ${ExitCode}`]),
    ]);
  }
}
