import type { SteadyLoad } from '@chat/testkit/load';
import { SERVICES } from '../../scripts/services.ts';
import { progress } from '../../scripts/progress.ts';
import type { Checks } from './checks.ts';
import type { Installation } from './installation.ts';
import { reasonsOf } from './kills.ts';
import type { SteadyQueries } from './steady-queries.ts';

/** Replaces every container of every service, one instance after the other, under a load: a client that repeats a request once notices nothing. */
export async function restartEach(installation: Installation, load: SteadyLoad, queries: SteadyQueries, checks: Checks): Promise<void> {
  for (const { name } of SERVICES) {
    const before = failedTwice(load, queries);
    for (const instance of [name, `${name}-2`]) {
      await installation.compose(['up', '--detach', '--no-deps', '--force-recreate', '--wait', instance], { scale: true });
      progress(
        `${instance} is replaced; ${load.retries + queries.retries} of ${load.acknowledged + queries.answered} requests repeated so far`,
      );
    }
    const failed = failedTwice(load, queries) - before;
    const reasons = [reasonsOf(load), ...queries.reasons].join('; ');
    checks.add(
      `both instances of ${name} are replaced without a failed request`,
      failed ? [`${failed} requests failed twice: ${reasons}`] : [],
    );
  }
}

const failedTwice = (load: SteadyLoad, queries: SteadyQueries): number => load.failedTwice + queries.failedTwice;
