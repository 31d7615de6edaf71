import { UsageError } from '@chat/shared/cli';
import { createSecrets } from './create-secrets.js';
import { FOLDER_OWNERS } from './secret-list.js';

const HELP = `secrets <folder>: creates the secrets of an installation that are missing in this folder, and changes none that exists.

The folder gets one folder for each container, with a file for each secret, named after its variable. It can be repeated: also after an
interruption, or after you have put a secret of your own there. To replace a secret, delete every file that has it.

As root, the files belong to the users of the containers, which alone can read them (${ownerList()}), and only
root can enter the folder itself: name a folder that has nothing else.
Otherwise they belong to you.`;

/** `secrets <folder>`. The values are not printed. */
export async function secretsCommand([folder, ...rest]: string[]): Promise<string> {
  if (folder === undefined || folder === 'help' || folder === '--help') return HELP;
  if (rest.length > 0 || folder.startsWith('-')) throw new UsageError(`"secrets" needs one folder.\n\n${HELP}`);
  const isRoot = process.getuid?.() === 0;
  const { created, kept, notes } = createSecrets(folder, isRoot);
  return [
    ...created.map((file) => `created ${file}`),
    ...notes.map((note) => `note: ${note}`),
    ...(isRoot ? [] : ['Not run as root: the files belong to you, so that a container whose user has another id cannot read them.']),
    `${folder}: ${created.length === 0 ? 'no secret was missing' : `${created.length} files created`}, ${kept} kept`,
  ].join('\n');
}

function ownerList(): string {
  const others = Object.entries(FOLDER_OWNERS).filter(([, owner]) => owner !== FOLDER_OWNERS.setup);
  return [`user id ${FOLDER_OWNERS.setup}`, ...others.map(([folder, owner]) => `${folder}: ${owner}`)].join(', ');
}
