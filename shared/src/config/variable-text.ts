// Imports nothing of this folder, so that scripts can use it before the first build.
import { readFileSync } from 'node:fs';

/**
 * The text of a variable that can also be given as a file: its value, or the content of the file that `<name>_FILE` names, without the line
 * end at its end. Undefined if neither is set; an empty variable counts as not set. Throws an error that names the variable if both are set,
 * and if the file is empty or cannot be read. The message has neither the content nor the path, which may be a secret by mistake.
 */
export function textOrFile(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const text = env[name]?.trim() || undefined;
  const file = env[`${name}_FILE`]?.trim();
  if (!file) return text;
  if (text !== undefined) throw new Error(`${name} and ${name}_FILE are both set: remove one of them`);
  const content = contentOf(name, file).replace(/\r?\n$/, '');
  if (content.trim() === '') throw new Error(`${name}_FILE names a file that is empty`);
  return content;
}

function contentOf(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${name}_FILE names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error });
  }
}
