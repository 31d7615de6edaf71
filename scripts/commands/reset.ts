// `npm run reset`: deletes the data of `npm start`, with logs and secrets. Downloads stay, and the data in Docker's volumes.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { DATA_DIR } from '../paths.ts';
import { Reaper } from '../processes/reaper.ts';
import { RunFile } from '../processes/run-file.ts';
import { main } from '../progress.ts';
import { loadSecrets, secretsFile } from '../secrets.ts';

await main(async () => {
  await RunFile.take(DATA_DIR, new Reaper()); // fails if the system runs; waits until the processes of a killed run have ended
  const secrets = secretsFile(DATA_DIR);
  if (!existsSync(secrets) || !loadSecrets(DATA_DIR).usedElsewhere) {
    rmSync(DATA_DIR, { recursive: true, force: true });
    console.log(`Deleted ${DATA_DIR}.`);
    return;
  }
  for (const name of readdirSync(DATA_DIR)) {
    const file = path.join(DATA_DIR, name);
    if (file !== secrets) rmSync(file, { recursive: true, force: true });
  }
  console.log(`Deleted everything in ${DATA_DIR} except secrets.json: a database outside of it, in Docker's volumes or on another server, cannot be used without it.
\`docker compose down -v\` in the folder infra deletes the volumes. Delete the file when no such database is left.`);
});
