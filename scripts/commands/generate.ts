// `npm run generate`: writes every file that is made from the code. With `-- --check` it only names those that are out of date.
import { buildWhenChanged } from '../build.ts';
import { eventFiles, filesOfTheBuiltProduct, outdated, write } from '../generate/generated-files.ts';
import { UserError, main } from '../progress.ts';

await main(async () => {
  const isCheck = process.argv.includes('--check');
  if (!isCheck) write(await eventFiles());
  await buildWhenChanged();
  if (!isCheck) return write(await filesOfTheBuiltProduct());
  const files = outdated({ ...(await eventFiles()), ...(await filesOfTheBuiltProduct()) });
  if (files.length > 0) throw new UserError(`out of date: ${files.join(', ')}\n\`npm run generate\` writes them again.`);
});
