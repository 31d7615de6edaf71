import { KafkaConfig, loadConfig } from '../config/index.js';
import { DeadLetters, type DeadLetter } from '../consumer/index.js';
import { AvroCodec, CONSUMER_GROUPS, UnreadableTopicError } from '../kafka/index.js';
import { silentLog } from '../observability/index.js';
import { UsageError } from './command.js';

const HELP = `Records that a consumer group could not process, kept in <group>.dead-letter until an operator decides.

  list [group]             all of them, oldest first
  show <group> <id>        one of them, with its headers and payload
  replay <group> <id|all>  publishes it again on its topic; consumers that have processed the event ignore it
  drop <group> <id|all>    deletes it

Groups: ${CONSUMER_GROUPS.join(', ')}. Addresses: KAFKA_BROKER and SCHEMA_REGISTRY_URL.
A replayed event comes after the events that were published in the meantime: its order is not restored.`;

/** Lists the records that a consumer group could not process, replays or drops them. */
export async function deadLettersCommand([command = 'help', group = '', id = '']: string[], env: NodeJS.ProcessEnv): Promise<string> {
  if (command === 'help' || command === '--help') return HELP;
  if (!['list', 'show', 'replay', 'drop'].includes(command)) throw new UsageError(`There is no command "${command}".\n\n${HELP}`);
  if (command !== 'list' && (!group || !id)) throw new UsageError(`"${command}" needs a group and the id of a dead letter.\n\n${HELP}`);
  if (group && !CONSUMER_GROUPS.some((known) => known === group))
    throw new UsageError(`There is no consumer group "${group}". Groups: ${CONSUMER_GROUPS.join(', ')}.`);
  const kafka = loadConfig(KafkaConfig, env);
  for (const one of group ? [group] : CONSUMER_GROUPS) {
    const letters = new DeadLetters(kafka, one, silentLog);
    try {
      if (command === 'list') await list(one, letters);
      else if (command === 'show') await show(letters, id, kafka);
      else if (command === 'replay') await forEach(letters, id, (each) => letters.replay(each), 'replayed');
      else await forEach(letters, id, (each) => letters.drop(each), 'dropped');
    } catch (error) {
      throw error instanceof UnreadableTopicError ? new UsageError(error.message, { cause: error }) : error;
    } finally {
      await letters.close();
    }
  }
  return '';
}

async function list(group: string, letters: DeadLetters): Promise<void> {
  const all = await letters.list();
  console.log(`${group}: ${all.length === 0 ? 'none' : all.length}`);
  for (const letter of all) console.log(`  ${letter.failedAt}  ${letter.id}  key ${letter.key?.toString() ?? 'none'}  ${letter.reason}`);
}

async function show(letters: DeadLetters, id: string, kafka: KafkaConfig): Promise<void> {
  const letter = (await letters.show(id)) ?? notFound(id);
  const headers = Object.fromEntries(Object.entries(letter.headers).map(([name, value]) => [name, String(value)]));
  console.log(JSON.stringify({ ...letter, key: letter.key?.toString() ?? null, headers, value: await readable(letter, kafka) }, null, 2));
}

/** The decoded payload; its bytes if it cannot be decoded. */
async function readable({ value }: DeadLetter, kafka: KafkaConfig): Promise<unknown> {
  if (!value) return null;
  try {
    return await new AvroCodec(kafka).decode(value);
  } catch (error) {
    return { unreadable: (error as Error).message, base64: value.toString('base64') };
  }
}

async function forEach(letters: DeadLetters, id: string, act: (id: string) => Promise<boolean>, done: string): Promise<void> {
  const ids = id === 'all' ? (await letters.list()).map((letter) => letter.id) : [id];
  for (const one of ids) {
    if (!(await act(one))) notFound(one);
    console.log(`${done} ${one}`);
  }
  if (ids.length === 0) console.log('none');
}

function notFound(id: string): never {
  throw new UsageError(`There is no dead letter ${id} in this group.`);
}
