import { runCommandLine, serviceCommands } from '@chat/shared/entry';

await runCommandLine('api-gateway', {
  ...serviceCommands('api-gateway', async () => (await import('./start.js')).startGateway),
});
