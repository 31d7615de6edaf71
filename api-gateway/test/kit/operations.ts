import {
  buildSchema,
  GraphQLNonNull,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLOutputType,
} from 'graphql';
import { randomUUID } from 'node:crypto';
import { emitSchema } from '../../src/emit-schema.js';

/** Queries and mutations that need no token. */
export const PUBLIC_OPERATIONS = [
  'hello',
  'getOAuthProviders',
  'getOAuthUrl',
  'getGoogleAuthUrl',
  'exchangeOAuthCode',
  'signInWithIdToken',
  'register',
  'login',
  'completeLogin',
  'refreshToken',
  'requestPasswordReset',
  'resetPassword',
  'verifyEmail',
];

/** Every query and mutation of the schema except the named ones, each as a minimal document. */
export async function operationsExcept(names: string[]): Promise<{ name: string; document: string }[]> {
  const schema = buildSchema(await emitSchema());
  const all = [
    ...Object.values(schema.getQueryType()?.getFields() ?? {}).map((field) => ['query', field] as const),
    ...Object.values(schema.getMutationType()?.getFields() ?? {}).map((field) => ['mutation', field] as const),
  ];
  const found = new Set(all.map(([, { name }]) => name));
  for (const name of names) if (!found.has(name)) throw new Error(`the schema has no ${name}`);
  return all
    .filter(([, { name }]) => !names.includes(name))
    .map(([kind, { name, args, type }]) => ({ name, document: operationFor(kind, name, args, type) }));
}

function operationFor(kind: string, name: string, args: readonly GraphQLArgument[], type: GraphQLOutputType): string {
  const given = args
    .filter((arg) => isNonNullType(arg.type) && arg.defaultValue === undefined)
    .map((arg) => `${arg.name}: ${sample(arg.type)}`);
  return `${kind} { ${name}${given.length > 0 ? `(${given.join(', ')})` : ''} ${selection(type)} }`;
}
function sample(type: GraphQLInputType): string {
  if (isNonNullType(type)) return sample(type.ofType);
  if (isListType(type)) return `[${sample(type.ofType)}]`;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
    return `{ ${fields.map((field) => `${field.name}: ${sample(field.type)}`).join(', ')} }`;
  }
  if (isEnumType(type)) return type.getValues()[0]!.name;
  return { Int: '1', Boolean: 'true' }[String(type)] ?? `"${randomUUID()}"`;
}
function selection(type: GraphQLOutputType): string {
  const named = type instanceof GraphQLNonNull || isListType(type) ? type.ofType : type;
  if (named !== type) return selection(named);
  return isObjectType(named) ? '{ __typename }' : '';
}
