import type { Logger } from 'pino';

/** The process of a service, towards the process that started it. */
export interface ServiceProcess {
  /** Tells the parent process, if there is one, that the service listens. */
  ready(port: number): void;
  /** The start has failed: logs the error and exits with code 1. */
  failed(error: unknown): Promise<void>;
}

/** Stops the service on SIGTERM, on SIGINT, and when the parent process that forked it ends; then exits, after `stopWithinMs` at the latest. */
export function handleSignals(parts: { logger: Logger; stop: () => Promise<void>; stopWithinMs: number }): ServiceProcess {
  const { logger, stop, stopWithinMs } = parts;
  let stopping = false;

  const end = (reason: string, exitCode: number) => {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, 'stopping');
    setTimeout(() => {
      logger.error({ stopWithinMs }, 'service did not stop in time');
      process.exit(1);
    }, stopWithinMs).unref();
    stop().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        logger.error({ error }, 'service failed to stop');
        process.exit(1);
      },
    );
  };

  process.on('SIGTERM', () => end('SIGTERM', 0));
  process.on('SIGINT', () => end('SIGINT', 0));
  if (process.send) process.on('disconnect', () => end('the parent process has ended', 0));
  process.on('unhandledRejection', (error) => {
    logger.fatal({ error }, 'unhandled promise rejection');
    end('unhandled rejection', 1);
  });
  process.on('uncaughtException', (error) => {
    logger.fatal({ error }, 'uncaught exception');
    process.exit(1);
  });

  return {
    ready: (port) => process.send?.({ type: 'ready', port }),
    failed: async (error) => {
      logger.fatal({ error }, 'service failed to start');
      // The lines that are still in the pipe are written before the process exits.
      await new Promise((resolve) => setTimeout(resolve, 50));
      process.exit(1);
    },
  };
}
