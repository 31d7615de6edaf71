// Reduces the package.json files in the current folder to what runs in the image of one service: the workspaces that it needs, without the
// packages of their development. `npm prune` then removes all others.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

const [service] = process.argv.slice(2);
const root = read('.');
const folderOf = new Map(root.workspaces.map((folder) => [read(folder).name, folder]));
if (!service || !root.workspaces.includes(service)) {
  console.error(`The build argument SERVICE must be the folder of a service, such as auth-service; it is "${service ?? ''}".`);
  process.exit(1);
}

const needed = new Set([service]);
for (const folder of needed) {
  const manifest = read(folder);
  write(folder, { ...manifest, devDependencies: {} });
  for (const name of Object.keys(manifest.dependencies ?? {})) if (folderOf.has(name)) needed.add(folderOf.get(name));
}
for (const folder of root.workspaces) if (!needed.has(folder)) rmSync(folder, { recursive: true });
write('.', { ...root, workspaces: [...needed], scripts: {}, devDependencies: {}, optionalDependencies: {} });
console.log(`${service} needs ${[...needed].join(', ')}`);

function read(folder) {
  return JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
}

function write(folder, manifest) {
  writeFileSync(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
}
