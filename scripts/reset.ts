// `npm run reset`: clears the data of `npm start`, logs and secrets included. What was downloaded stays.
import { rmSync } from 'node:fs';
import { postgresFolder } from './infra/postgres.ts';
import { DATA_DIR } from './places.ts';
import { UserError, main } from './progress.ts';
import { RunFile, alreadyRunning, runningSystem } from './processes/run-file.ts';

await main(async () => {
  const run = runningSystem(DATA_DIR);
  if (run) throw new UserError(alreadyRunning(run));
  await RunFile.take(DATA_DIR); // ends what a killed run left: it would go on writing
  rmSync(postgresFolder(DATA_DIR), { recursive: true, force: true });
  rmSync(DATA_DIR, { recursive: true, force: true });
  console.log(`Cleared ${DATA_DIR}.`);
});
