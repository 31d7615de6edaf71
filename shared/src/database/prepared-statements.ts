import { TimeoutDisconnectClient } from './timeout-disconnect-client.js';

const namesByText = new Map<string, string>();
const textsByName = new Map<string, string>();

/**
 * Makes the connections of our pools and data sources parse and plan a frequent statement once instead of at each use: a statement of one row with
 * nine parameters takes several times as long to plan as to run. TypeORM has no names for statements, so a statement is known by its text.
 * `name` is unique in the process (else an Error). Returns the text, to be passed to `query`.
 */
export function preparedStatement(name: string, text: string): string {
  const known = textsByName.get(name);
  if (known !== undefined && known !== text) throw new Error(`There is another prepared statement with the name ${name}`);
  textsByName.set(name, text);
  namesByText.set(text, name);
  return text;
}

/** Runs the texts of `preparedStatement` as prepared statements of its connection. */
export class PreparedStatementClient extends TimeoutDisconnectClient {
  constructor(config?: ConstructorParameters<typeof TimeoutDisconnectClient>[0]) {
    super(config);
    const query = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = ((...args: unknown[]) => {
      const [text, values, ...rest] = args;
      const name = typeof text === 'string' && Array.isArray(values) ? namesByText.get(text) : undefined;
      return name === undefined ? query(...args) : query({ name, text, values }, ...rest);
    }) as typeof this.query;
  }
}
