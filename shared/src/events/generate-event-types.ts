import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of Avro that the events use. */
type AvroType = string | AvroType[] | AvroRecord | { type: 'array'; items: AvroType };

interface AvroField {
  name: string;
  type: AvroType;
  doc?: string;
  default?: unknown;
}

interface AvroRecord {
  type: 'record';
  name: string;
  namespace?: string;
  doc?: string;
  fields: AvroField[];
}

/** The description of a topic, from the catalogue. */
interface TopicLine {
  key: string;
  owner: string;
  partitions: number;
  retentionMs: number;
  cleanup: string;
}

/** The texts of the generated files. */
export interface GeneratedEvents {
  /** shared/src/events/event-types.generated.ts */
  types: string;
  /** shared/src/events/event-schemas.generated.ts: the schemas as code, so that no file is read at run time. */
  schemas: string;
  /** docs/events.md */
  docs: string;
}

const PRIMITIVES: Record<string, string> = {
  null: 'null',
  string: 'string',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
};

const GENERATED = '// Generated from shared/src/events/schemas/*.avsc by `npm run generate`; never edited by hand.\n';

/** Generates all files that follow from the schemas of the events. It needs only Node, so it runs before the build. */
export function generateEvents(
  schemasDirectory: string,
  topics: Record<string, TopicLine>,
  eventTopics: Record<string, readonly string[]>,
): GeneratedEvents {
  const records = readSchemas(schemasDirectory);
  return { types: eventTypes(records), schemas: eventSchemas(records), docs: eventsPage(records, topics, eventTopics) };
}

function readSchemas(directory: string): AvroRecord[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.avsc'))
    .sort()
    .map((file) => {
      const record = JSON.parse(readFileSync(join(directory, file), 'utf8')) as AvroRecord;
      if (`${record.name}.avsc` !== file)
        throw new Error(`${file} must contain a record with the name ${file.replace('.avsc', '')}, not ${record.name}`);
      if (!record.doc) throw new Error(`${file} must say in "doc" when the event happens and which order is guaranteed`);
      return record;
    });
}

function eventTypes(records: AvroRecord[]): string {
  const body = records.map((record) => `  ${record.name}: ${typeScriptType(record, '  ')};`).join('\n');
  return `${GENERATED}\nexport interface EventPayloads {\n${body}\n}\n\nexport type EventType = keyof EventPayloads;\n`;
}

function typeScriptType(type: AvroType, indent: string): string {
  if (typeof type === 'string') {
    const known = PRIMITIVES[type];
    if (!known) throw new Error(`the Avro type ${type} has no TypeScript type: add it to PRIMITIVES`);
    return known;
  }
  // "null" comes last, as in handwritten TypeScript.
  if (Array.isArray(type))
    return [...type]
      .sort((a, b) => Number(a === 'null') - Number(b === 'null'))
      .map((t) => typeScriptType(t, indent))
      .join(' | ');
  if (type.type === 'array') {
    const items = typeScriptType(type.items, indent);
    return items.includes('|') ? `(${items})[]` : `${items}[]`;
  }
  const inner = type.fields.map((field) => `${field.name}: ${typeScriptType(field.type, `${indent}  `)};`);
  return indent === '  ' ? `{\n${inner.map((line) => `    ${line}\n`).join('')}  }` : `{ ${inner.join(' ').replace(/;$/, '')} }`;
}

function eventSchemas(records: AvroRecord[]): string {
  const lines = records.map((record) => `  ${record.name}: ${JSON.stringify(record)},`).join('\n');
  return `${GENERATED}\nimport type { EventType } from './event-types.generated.js';\n\nexport const EVENT_SCHEMAS: Record<EventType, object> = {\n${lines}\n};\n`;
}

function eventsPage(records: AvroRecord[], topics: Record<string, TopicLine>, eventTopics: Record<string, readonly string[]>): string {
  const byTopic = Object.entries(topics).map(([name, topic]) => ({
    name,
    topic,
    records: records.filter((record) => eventTopics[record.name]?.includes(name)),
  }));
  return [
    '<!-- Generated from shared/src/events by `npm run generate`; never edited by hand. -->',
    '',
    '# Events',
    '',
    'The events that the services publish on Kafka. The schemas are `shared/src/events/schemas/*.avsc`, the topics `shared/src/events/catalogue.ts`.',
    '',
    '- A record is Avro with the id of its schema in front. Its subject is `<topic>-<full name>`, its compatibility FULL_TRANSITIVE: a new field has a default, no field is renamed or gets another meaning.',
    '- Headers: `event-id`, `event-type`, `occurred-at`, and, where known, `correlation-id` and `traceparent`.',
    '- Records of one key are delivered in the order in which they were written, at least once; consumers process each event id once.',
    '- Every consumer checks the ids, numbers, texts and times of an event (`shared/src/events/event-rules.ts`, [rules](security/events.md)); an impossible one is a poison record.',
    '- A record that a consumer group cannot process is written to `<group>.dead-letter`, with its position and the reason; see `npm run dead-letters -- help`.',
    '- More partitions for a topic that is in use move keys, which breaks their order as long as records of both layouts exist: let every consumer group catch up, stop the producers, then change it. Consumers notice the change and begin a new epoch from the start of the log.',
    '',
    ...table(
      ['topic', 'key', 'published by', 'partitions', 'kept', 'cleanup'],
      byTopic.map(({ name, topic }) => [
        name,
        topic.key,
        topic.owner,
        String(topic.partitions),
        retention(topic.retentionMs),
        topic.cleanup,
      ]),
    ),
    '',
    ...byTopic.flatMap(({ name, records: published }) => [`## ${name}`, '', ...published.flatMap(eventSection)]),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function eventSection(record: AvroRecord): string[] {
  return [
    `### ${record.name}`,
    '',
    record.doc ?? '',
    '',
    ...table(
      ['field', 'type', 'about'],
      record.fields.map((field) => [field.name, documentedType(field.type), field.doc ?? '']),
    ),
    '',
  ];
}

/** Columns padded to their widest cell, as prettier formats them. */
function table(head: string[], body: string[][]): string[] {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...body].map((row) => row[column]!.length)));
  const line = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}

function documentedType(type: AvroType): string {
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return type.map(documentedType).join(' or ');
  if (type.type === 'array') return `list of ${documentedType(type.items)}`;
  return `{ ${type.fields.map((field) => `${field.name}: ${documentedType(field.type)}`).join(', ')} }`;
}

function retention(ms: number): string {
  return ms < 0 ? 'for ever' : `${Math.round(ms / 86_400_000)} days`;
}
