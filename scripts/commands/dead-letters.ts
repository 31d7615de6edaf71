/** `npm run dead-letters -- help`: looks at the records that a consumer gave up, replays or drops them. */
import { silentLog } from '@chat/shared/observability';
import { KafkaConfig, loadConfig } from '@chat/shared/config';
import { AvroCodec, CONSUMER_GROUPS } from '@chat/shared/kafka';
import { DeadLetters, type DeadLetter } from '@chat/shared/consumer';
import { DATA_DIR } from '../paths.ts';
import { runningSystem } from '../processes/run-file.ts';
import { UserError, main } from '../progress.ts';

const HELP = `Records that a consumer group could not handle, kept in <group>.dead-letter until somebody decides.

  npm run dead-letters -- list [group]             what there is, oldest first
  npm run dead-letters -- show <group> <id>        one of them, with its headers and payload
  npm run dead-letters -- replay <group> <id|all>  puts it back on its topic; consumers that know the event leave it out
  npm run dead-letters -- drop <group> <id|all>    takes it out for good

Groups: ${CONSUMER_GROUPS.join(', ')}. Kafka is where KAFKA_BROKER says, the registry where SCHEMA_REGISTRY_URL says.
A replayed event comes after those that were announced meanwhile: its order is not restored.`;

const [command = 'help', group = '', id = ''] = process.argv.slice(2);

await main(async () => {
  if (command === 'help' || command === '--help') return console.log(HELP);
  if (!['list', 'show', 'replay', 'drop'].includes(command)) throw new UserError(`There is no command "${command}".\n\n${HELP}`);
  if (command !== 'list' && (!group || !id)) throw new UserError(`"${command}" needs a group and the id of a letter.\n\n${HELP}`);
  if (group && !CONSUMER_GROUPS.some((known) => known === group))
    throw new UserError(`There is no consumer group "${group}". Groups: ${CONSUMER_GROUPS.join(', ')}.`);
  const kafka = kafkaConfig();
  for (const one of group ? [group] : CONSUMER_GROUPS) {
    const letters = new DeadLetters(kafka, one, silentLog);
    try {
      await run(one, letters, kafka);
    } finally {
      await letters.close();
    }
  }
});

/** Of the environment, and for what it does not say of the system that runs here. */
function kafkaConfig(): KafkaConfig {
  const here = runningSystem(DATA_DIR)?.addresses;
  return loadConfig(KafkaConfig, {
    ...(here ? { KAFKA_BROKER: here.kafkaBroker, SCHEMA_REGISTRY_URL: here.schemaRegistryUrl } : {}),
    ...Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== '')),
  });
}

async function run(name: string, letters: DeadLetters, kafka: KafkaConfig): Promise<void> {
  if (command === 'list') return await list(name, letters);
  if (command === 'show') return await show(letters, kafka);
  await replayOrDrop(letters);
}

async function list(name: string, letters: DeadLetters): Promise<void> {
  const all = await letters.list();
  console.log(`${name}: ${all.length === 0 ? 'none' : all.length}`);
  for (const letter of all) console.log(`  ${letter.failedAt}  ${letter.id}  key ${letter.key?.toString() ?? 'none'}  ${letter.reason}`);
}

async function show(letters: DeadLetters, kafka: KafkaConfig): Promise<void> {
  const letter = (await letters.show(id)) ?? notFound(id);
  const headers = Object.fromEntries(Object.entries(letter.headers).map(([name, value]) => [name, String(value)]));
  console.log(JSON.stringify({ ...letter, key: letter.key?.toString() ?? null, headers, value: await readable(letter, kafka) }, null, 2));
}

/** The payload if it can be read, else its bytes. */
async function readable({ value }: DeadLetter, kafka: KafkaConfig): Promise<unknown> {
  if (!value) return null;
  try {
    return await new AvroCodec(kafka).decode(value);
  } catch (error) {
    return { unreadable: (error as Error).message, base64: value.toString('base64') };
  }
}

async function replayOrDrop(letters: DeadLetters): Promise<void> {
  const ids = id === 'all' ? (await letters.list()).map((letter) => letter.id) : [id];
  for (const one of ids) {
    const isDone = command === 'replay' ? await letters.replay(one) : await letters.drop(one);
    if (!isDone) notFound(one);
    console.log(`${command === 'replay' ? 'replayed' : 'dropped'} ${one}`);
  }
  if (ids.length === 0) console.log('there are none');
}

function notFound(letterId: string): never {
  throw new UserError(`There is no dead letter ${letterId} in this group.`);
}
