// The first step of every command: `node scripts/run.mjs start` runs scripts/start.ts.
// It runs on Node 20 without any package, installs what package-lock.json names, and goes on with the Node 24 that comes with the packages.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const [command, ...args] = process.argv.slice(2);
const nodeOfThePackages = path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

if (majorVersion() < 20) fail(`Node 20 or newer is needed, this is ${process.version}.`);
if (!installedAsLocked()) install();

if (majorVersion() >= 24) {
  process.argv.splice(2, 1);
  await import(`./${command}.ts`);
} else if (existsSync(nodeOfThePackages)) {
  goOnWith(nodeOfThePackages);
} else {
  fail(`There is no Node 24 package for ${process.platform}-${process.arch}. Install Node 24 and run this again.`);
}

function majorVersion() {
  return Number(process.versions.node.split('.')[0]);
}

/** Whether node_modules holds what package-lock.json asks for. npm keeps a list of what it installed beside the packages. */
function installedAsLocked() {
  const listFile = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(listFile)) return false;
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(listFile, 'utf8')).packages;
  return Object.entries(wanted).every(([place, entry]) => {
    if (!place.startsWith('node_modules/')) return true;
    const found = installed[place];
    // What is optional and not there belongs to another operating system.
    return found ? found.version === entry.version && found.integrity === entry.integrity : entry.optional === true;
  });
}

function install() {
  console.log('Installing the packages (npm ci). The first time this takes a minute.');
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  // The full path of this Node: the one in node_modules/.bin goes away while npm works.
  const { status } = spawnSync(npm[0], [...npm.slice(1), 'ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) fail('npm ci failed; what it says is above.');
}

/** Runs the same command on another Node. Signals are passed on, and the channel tells the child when this process is gone. */
function goOnWith(node) {
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
