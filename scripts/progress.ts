const startedAt = Date.now();

/** One line of progress, with the seconds since the command began. */
export function progress(text: string): void {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1).padStart(6);
  console.log(`${seconds} s  ${text}`);
}

/** A failure that the user can do something about: shown as its message alone, without a stack. */
export class UserError extends Error {
  override name = 'UserError';
}

// kafkajs computes a negative timeout now and then; the warning says nothing to anybody. The services are run with a flag for it.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'TimeoutNegativeWarning') console.error(warning.stack ?? warning.message);
});

/** Runs a command's main function, shows what went wrong, and ends the process. */
export async function main(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    console.error(error instanceof UserError ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
  process.exit();
}
