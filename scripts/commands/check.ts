// `npm run check`: everything that can be found wrong without running the product.
import { buildWhenChanged } from '../build.ts';
import { CHECKS, passes } from '../checks/index.ts';
import { main } from '../progress.ts';

await main(async () => {
  await buildWhenChanged();
  for (const check of CHECKS) if (!(await passes(check))) process.exitCode = 1;
});
