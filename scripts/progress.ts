const startedAt = Date.now();

/** Prints one line of progress, with the seconds since the command began. */
export function progress(text: string): void {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1).padStart(6);
  console.log(`${seconds} s  ${text}`);
}

/** A failure that the user can correct: printed as its message alone, without a stack. */
export class UserError extends Error {
  override name = 'UserError';
}

/** Runs a command's main function, prints its error, and ends the process. */
export async function main(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    console.error(error instanceof UserError ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
  process.exit();
}
