// The first step of every command: `node scripts/run.mjs start` runs scripts/commands/start.ts, `... bench/run` runs bench/run.ts.
// It runs on Node 20 without any package, installs what package-lock.json names, and re-runs itself on the Node 24 that is one of the packages.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const [command, ...args] = process.argv.slice(2);
const packagedNode = path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

if (majorVersion() < 20) fail(`Node 20 or newer is needed, this is ${process.version}.`);
if (!isInstalledAsLocked()) install();

if (majorVersion() >= 24) {
  process.argv.splice(2, 1);
  await import(command.includes('/') ? `../${command}.ts` : `./commands/${command}.ts`);
} else if (existsSync(packagedNode)) {
  reexecWith(packagedNode);
} else {
  fail(`There is no Node 24 package for ${process.platform}-${process.arch}. Install Node 24 and run this again.`);
}

function majorVersion() {
  return Number(process.versions.node.split('.')[0]);
}

/** Whether node_modules is what package-lock.json asks for. npm keeps a list of what it installed beside the packages. */
function isInstalledAsLocked() {
  const listFile = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(listFile)) return false;
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(listFile, 'utf8')).packages;
  return Object.entries(wanted).every(([folder, entry]) => {
    if (!folder.startsWith('node_modules/')) return true;
    const found = installed[folder];
    // An optional package that is missing belongs to another operating system.
    return found ? found.version === entry.version && found.integrity === entry.integrity : entry.optional === true;
  });
}

function install() {
  console.log('Installing the packages (npm ci). The first time this takes a minute.');
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  // The full path of this Node: npm removes the one in node_modules/.bin while it installs.
  const { status } = spawnSync(npm[0], [...npm.slice(1), 'ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) fail('npm ci failed; its messages are above.');
}

/** Runs the same command on another Node. Signals are passed on, and the channel closes in the child when this process is killed. */
function reexecWith(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), command, ...args], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
