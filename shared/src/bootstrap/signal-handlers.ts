import type { Logger } from 'pino';

export interface AttachedProcess {
  /** Tells the parent, if there is one, that work is taken. */
  ready(port: number): void;
  /** The start failed: logs and ends the process. */
  failed(error: unknown): Promise<void>;
}

/** Stops the service on SIGTERM, SIGINT, or when the parent that forked it is gone; then the process ends, at the latest after `stopWithinMs`. */
export function attachToProcess(parts: { logger: Logger; stop: () => Promise<void>; stopWithinMs: number }): AttachedProcess {
  const { logger, stop, stopWithinMs } = parts;
  let stopping = false;

  const end = (reason: string, exitCode: number) => {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, 'stopping');
    setTimeout(() => {
      logger.error({ stopWithinMs }, 'could not stop in time');
      process.exit(1);
    }, stopWithinMs).unref();
    stop().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        logger.error({ error }, 'stopping failed');
        process.exit(1);
      },
    );
  };

  process.on('SIGTERM', () => end('SIGTERM', 0));
  process.on('SIGINT', () => end('SIGINT', 0));
  if (process.send) process.on('disconnect', () => end('the parent is gone', 0));
  process.on('unhandledRejection', (error) => {
    logger.fatal({ error }, 'a promise was rejected and nobody looked');
    end('unhandled rejection', 1);
  });
  process.on('uncaughtException', (error) => {
    logger.fatal({ error }, 'an error was thrown and nobody caught it');
    process.exit(1);
  });

  return {
    ready: (port) => process.send?.({ type: 'ready', port }),
    failed: async (error) => {
      logger.fatal({ error }, 'could not start');
      // Lines still in the pipe are written before the end.
      await new Promise((resolve) => setTimeout(resolve, 50));
      process.exit(1);
    },
  };
}
