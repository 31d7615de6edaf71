// `npm run generate`: writes every file that is made from the code. `npm run check` finds those that are out of date.
import { buildWhenChanged } from './build.ts';
import { generatedFileProblems, writeEventFiles, writeFilesOfTheBuiltProduct } from './generated-files.ts';
import { completeLockFile, lockFileProblems } from './lock-file.ts';
import { UserError, main } from './progress.ts';

await main(async () => {
  if (process.argv.includes('--check')) {
    await buildWhenChanged();
    const problems = [...(await generatedFileProblems()), ...lockFileProblems()];
    if (problems.length > 0) throw new UserError(problems.join('\n'));
    return;
  }
  completeLockFile();
  await writeEventFiles(); // the build needs them
  await buildWhenChanged();
  await writeFilesOfTheBuiltProduct();
});
