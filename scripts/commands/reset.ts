// `npm run reset`: clears the data of `npm start`, logs and secrets included. What was downloaded stays, and what is in Docker's volumes.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { postgresFolder } from '../infra/postgres.ts';
import { DATA_DIR } from '../paths.ts';
import { UserError, main } from '../progress.ts';
import { RunFile, alreadyRunning, runningSystem } from '../processes/run-file.ts';
import { loadSecrets, secretsFile } from '../secrets.ts';

await main(async () => {
  const run = runningSystem(DATA_DIR);
  if (run) throw new UserError(alreadyRunning(run));
  await RunFile.take(DATA_DIR); // ends what a killed run left: it would go on writing
  rmSync(postgresFolder(DATA_DIR), { recursive: true, force: true });
  const secrets = secretsFile(DATA_DIR);
  if (!existsSync(secrets) || !loadSecrets(DATA_DIR).usedElsewhere) {
    rmSync(DATA_DIR, { recursive: true, force: true });
    console.log(`Cleared ${DATA_DIR}.`);
    return;
  }
  for (const name of readdirSync(DATA_DIR)) {
    const place = path.join(DATA_DIR, name);
    if (place !== secrets) rmSync(place, { recursive: true, force: true });
  }
  console.log(`Cleared ${DATA_DIR}, but for secrets.json: a database elsewhere, in Docker's volumes or on a server of yours, is of no use without it.
\`docker compose down -v\` clears the volumes. Delete the file when no such database is left.`);
});
