// `npm run dev`: like `npm start`; it compiles every change and restarts the services that use it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import path from 'node:path';
import { TSC } from '../build.ts';
import { copyAssets } from '../copy-assets.ts';
import { resolveInfra } from '../infra/resolve-infra.ts';
import { DATA_DIR, ROOT } from '../paths.ts';
import { UserError, main, progress } from '../progress.ts';
import { SERVICES, type ServiceName } from '../services.ts';
import { startReaper } from '../processes/reaper-client.ts';
import { onStopRequest } from '../processes/stop-request.ts';
import { startSystem, type System } from '../system.ts';

/** A change is complete when the compiler has written nothing for this long. */
const QUIET_MS = 400;

await main(async () => {
  const stopping = new AbortController();
  onStopRequest({ first: () => stopping.abort(new UserError('stopped')), second: () => process.exit(1) });
  const { given, env } = await resolveInfra(process.argv.slice(2), process.env, stopping.signal);
  const system = await startSystem({ dataDir: DATA_DIR, given, env, signal: stopping.signal });
  const compiler = startCompiler();
  restartOnChange(system, stopping.signal);
  progress(`${system.urls.graphql} is up; waiting for changes`);
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
  compiler.kill();
  await system.stop();
  progress('stopped');
});

function startCompiler(): ChildProcess {
  const args = [TSC, '-b', '--watch', '--preserveWatchOutput'];
  const compiler = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  if (compiler.pid !== undefined) startReaper().watch({ kind: 'service', pid: compiler.pid, commandPattern: TSC, stopSignal: 'SIGTERM' });
  return compiler;
}

function restartOnChange(system: System, signal: AbortSignal): void {
  const changed = new Set<ServiceName>();
  let timer: NodeJS.Timeout | undefined;
  const onChange = (names: ServiceName[]) => {
    for (const name of names) changed.add(name);
    clearTimeout(timer);
    timer = setTimeout(restart, QUIET_MS);
  };
  const restart = () => {
    const names = [...changed];
    changed.clear();
    progress(`changed: ${names.join(', ')}`);
    for (const name of names) {
      system.services[name].restart().then(
        () => progress(`${name} is ready`),
        (error: Error) => progress(error.message), // the next change may correct it
      );
    }
  };
  const all = SERVICES.map(({ name }) => name);
  const watchOutput = (folder: string, names: ServiceName[]) => {
    watch(path.join(ROOT, folder, 'dist'), { recursive: true, signal }, (_, file) => /\.(js|sql|txt)$/.test(file ?? '') && onChange(names));
    watch(path.join(ROOT, folder, 'src'), { recursive: true, signal }, (_, file) => /\.(sql|txt)$/.test(file ?? '') && copyAssets());
  };
  watchOutput('shared', all);
  for (const name of all) watchOutput(name, [name]);
}
