// `npm run generate`: writes every file that is made from the code. With `-- --check` it only names those that are out of date.
import { buildWhenChanged } from '../build.ts';
import { generatedFileProblems, writeEventFiles, writeFilesOfTheBuiltProduct } from '../generate/generated-files.ts';
import { UserError, main } from '../progress.ts';

await main(async () => {
  if (process.argv.includes('--check')) {
    await buildWhenChanged();
    const problems = await generatedFileProblems();
    if (problems.length > 0) throw new UserError(`${problems.join('\n')}\n\`npm run generate\` writes them again.`);
    return;
  }
  await writeEventFiles(); // the build needs them
  await buildWhenChanged();
  await writeFilesOfTheBuiltProduct();
});
