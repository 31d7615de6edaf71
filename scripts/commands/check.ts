// `npm run check`: everything that can be found wrong without running the product.
import { buildWhenChanged } from '../build.ts';
import { dependencyAudit } from '../checks/dependency-audit.ts';
import { CHECKS, failOn, passes } from '../checks/index.ts';
import { main } from '../progress.ts';

await main(async () => {
  await buildWhenChanged();
  for (const check of CHECKS) if (!(await passes(check))) process.exitCode = 1;
  const problems = await dependencyAudit();
  if (problems === null) console.log('  skipped dependency audit: the package registry gives no report (no network?)');
  else if (!(await passes({ name: 'dependency audit', run: async () => failOn(problems) }))) process.exitCode = 1;
});
