// `npm run check`: everything that can be found wrong without running the product.
import { dependencyAudit } from '../checks/dependency-audit.ts';
import { failOn, passes, runChecks } from '../checks/index.ts';
import { main } from '../progress.ts';

await main(async () => {
  const { failed } = await runChecks();
  if (failed > 0) process.exitCode = 1;
  const problems = await dependencyAudit();
  if (problems === null) console.log('  skipped dependency audit: the package registry gives no report (no network?)');
  else if (!(await passes('dependency audit', async () => failOn(problems)))) process.exitCode = 1;
});
