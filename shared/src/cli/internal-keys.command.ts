import { newInternalKeyVariables } from '../config/internal-key-pair.js';
import { UsageError } from './command.js';

const HELP = `New keys with which services sign their requests to other services.

  internal-keys             for all services
  internal-keys <service>   for one, to change its key`;

/** Prints the keys as variables; stores nothing. */
export async function internalKeysCommand([service]: string[]): Promise<string> {
  if (service === 'help' || service === '--help') return HELP;
  try {
    return newInternalKeyVariables(service);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
