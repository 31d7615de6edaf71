import { createPrivateKey, createPublicKey } from 'node:crypto';
import { INTERNAL_ISSUERS, newInternalKeyPair } from '@chat/shared/config';
import { newSecret } from './new-secret.js';
import { redisPasswordOf } from './redis-passwords.js';

const DATABASE_SERVICES = ['auth-service', 'chat-service', 'presence-service', 'profile-service', 'notification-service'];
const SERVICES = [...DATABASE_SERVICES, 'api-gateway'];
/** Its user in Kafka creates the topics. */
const KAFKA_ADMIN = { user: 'admin', folder: 'setup' };

/** The folders, one for each container, and the user ids that read them: those of the images. */
export const FOLDER_OWNERS: Record<string, number> = {
  ...Object.fromEntries([...SERVICES, 'setup'].map((name) => [name, 10_001])),
  postgres: 999,
  redis: 999,
  kafka: 1000,
};

/** A secret, and the files that contain it. */
export interface Secret {
  /** As <folder>/<file>. */
  files: string[];
  /** Its value if there is none yet; `valueOf` gives that of a file that is above it in the list. */
  create: (valueOf: (file: string) => string) => string;
  /** It is made of other secrets. */
  isDerived?: boolean;
}

const random = (...files: string[]): Secret => ({ files, create: newSecret });
const derived = (files: string[], create: Secret['create']): Secret => ({ files, create, isDerived: true });
const kafkaPasswordFile = (folder: string) => `${folder}/KAFKA_SASL_PASSWORD`;

/** Every secret of an installation, the sources before what is derived from them. */
export const SECRETS: readonly Secret[] = [
  random('auth-service/AUTH_SECRET'),
  random('postgres/POSTGRES_PASSWORD', 'setup/DB_PASSWORD'),
  ...DATABASE_SERVICES.map((service) => random(`${service}/DB_PASSWORD`, `setup/${variableOf(service)}_DB_PASSWORD`)),
  random('redis/REDIS_PASSWORD'),
  ...SERVICES.map((service) =>
    derived([`${service}/REDIS_PASSWORD`], (valueOf) => redisPasswordOf(service, valueOf('redis/REDIS_PASSWORD'))),
  ),
  ...[...DATABASE_SERVICES, KAFKA_ADMIN.folder].map((folder) => random(kafkaPasswordFile(folder))),
  derived(['kafka/jaas.conf'], kafkaUsers),
  ...INTERNAL_ISSUERS.map((issuer) => ({ files: [`${issuer}/INTERNAL_SIGNING_KEY`], create: () => newInternalKeyPair().privateKey })),
  ...DATABASE_SERVICES.map((service) => derived([`${service}/INTERNAL_PUBLIC_KEYS`], publicKeys)),
];

/** AUTH of auth-service. */
function variableOf(service: string): string {
  return service.replace('-service', '').toUpperCase();
}

/** The users of Kafka, for its SASL mechanism PLAIN: one for each service, and the administrator. */
function kafkaUsers(valueOf: (file: string) => string): string {
  const passwordOf = (folder: string) => `"${valueOf(kafkaPasswordFile(folder)).replaceAll(/["\\]/g, '\\$&')}"`;
  const users = [...DATABASE_SERVICES.map((service) => [service, service]), [KAFKA_ADMIN.user, KAFKA_ADMIN.folder]];
  return [
    'KafkaServer {',
    '  org.apache.kafka.common.security.plain.PlainLoginModule required',
    ...users.map(([user, folder]) => `  user_${user}=${passwordOf(folder!)}`),
    '  ;',
    '};',
    '',
  ].join('\n');
}

/** INTERNAL_PUBLIC_KEYS: the public half of every signing key. */
function publicKeys(valueOf: (file: string) => string): string {
  const publicKeyOf = (issuer: string) => {
    const key = Buffer.from(valueOf(`${issuer}/INTERNAL_SIGNING_KEY`), 'base64');
    return createPublicKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' })).export({ format: 'der', type: 'spki' });
  };
  return INTERNAL_ISSUERS.map((issuer) => `${issuer}:${publicKeyOf(issuer).toString('base64')}`).join(',');
}
