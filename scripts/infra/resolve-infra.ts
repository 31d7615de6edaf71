import { parseArgs } from 'node:util';
import { UserError } from '../progress.ts';
import { addressesFromEnvironment, type InfraAddresses } from './addresses.ts';
import { composeUp, type ComposeInfra } from './compose.ts';

/** What `npm start` and `npm run dev` pass to the system. */
export interface ResolvedInfra {
  /** What is not here is started as a local process. */
  given: Partial<InfraAddresses>;
  /** Variables for the services. */
  env: NodeJS.ProcessEnv;
  /** With `--docker`. */
  compose?: ComposeInfra;
}

/** The addresses in the environment; for the rest, with `--docker`, those of the compose file. */
export async function resolveInfra(args: string[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<ResolvedInfra> {
  const given = addressesFromEnvironment(env);
  if (!wantsDocker(args)) return { given, env: {} };
  const compose = await composeUp(env, given, signal);
  return { given: { ...compose.addresses, ...given }, env: mailEnvironment(compose, env), compose };
}

function wantsDocker(args: string[]): boolean {
  try {
    return parseArgs({ args, options: { docker: { type: 'boolean', default: false } } }).values.docker;
  } catch (error) {
    const help = 'The one option is --docker: PostgreSQL, Redis, Kafka, the registry and a mailbox in containers.';
    throw new UserError(`${(error as Error).message}\n${help}`);
  }
}

function mailEnvironment({ mail }: ComposeInfra, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return mail ? { SMTP_URL: mail.smtpUrl, MAIL_FROM: env.MAIL_FROM || 'Chat <no-reply@chat.example>' } : {};
}
