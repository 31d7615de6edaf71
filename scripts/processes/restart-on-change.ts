import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import path from 'node:path';
import { TSC, copyAssets } from '../build.ts';
import { ROOT } from '../paths.ts';
import { progress } from '../progress.ts';
import { SERVICES, type ServiceName } from '../services.ts';
import type { System } from '../system.ts';

/** A change is complete when the compiler has written nothing for this long. */
const QUIET_MS = 400;

/** Compiles every change of the sources, and restarts the services that use it, until the signal is aborted. */
export function restartOnChange({ services, group }: System, signal: AbortSignal): void {
  const args = [TSC, '-b', '--watch', '--preserveWatchOutput'];
  const compiler = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], signal });
  compiler.on('error', (error) => signal.aborted || progress(error.message));
  if (compiler.pid) group.reaper.watch({ kind: 'service', pid: compiler.pid, commandPattern: TSC, stopSignal: 'SIGTERM' });

  const changed = new Set<ServiceName>();
  let timer: NodeJS.Timeout | undefined;
  const restartChanged = () => {
    progress(`changed: ${[...changed].join(', ')}`);
    for (const name of changed) {
      services[name].restart().then(
        () => progress(`${name} is ready`),
        (error: Error) => progress(error.message), // the next change may correct it
      );
    }
    changed.clear();
  };
  const onChange = (names: ServiceName[]) => {
    for (const name of names) changed.add(name);
    clearTimeout(timer);
    timer = setTimeout(restartChanged, QUIET_MS);
  };
  const watchFolder = (folder: string, files: RegExp, onFile: () => void) =>
    watch(path.join(ROOT, folder), { recursive: true, signal }, (_, file) => files.test(file ?? '') && onFile());
  const all = SERVICES.map(({ name }) => name);
  for (const folder of ['shared', ...all] as const) {
    watchFolder(`${folder}/dist`, /\.(js|sql|txt)$/, () => onChange(folder === 'shared' ? all : [folder]));
    watchFolder(`${folder}/src`, /\.(sql|txt)$/, copyAssets);
  }
}
