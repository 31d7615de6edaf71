import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CORE_SCHEMA, load, mergeTag } from 'js-yaml';
import { ROOT } from '../paths.ts';

/** A service of a compose file, with what the rules check. */
export interface ComposeService {
  image?: string;
  pull_policy?: string;
  build?: { args?: Record<string, string> };
  command?: string | string[];
  user?: string;
  privileged?: boolean;
  network_mode?: string;
  read_only?: boolean;
  restart?: string;
  stop_grace_period?: string;
  cap_add?: string[];
  cap_drop?: string[];
  security_opt?: string[];
  mem_limit?: string;
  cpus?: number;
  logging?: { options?: Record<string, string> };
  healthcheck?: { test?: string[] };
  ports?: (string | { target: number; published?: string; host_ip?: string })[];
  volumes?: string[];
  environment?: Record<string, string | number>;
  depends_on?: Record<string, { condition: string }>;
  profiles?: string[];
  networks?: Record<string, { aliases?: string[] }>;
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  volumes?: Record<string, unknown>;
}

/** A compose file of this repository with its anchors merged, variables as they are written. */
export function readComposeFile(file: string): ComposeFile {
  return load(readFileSync(path.join(ROOT, file), 'utf8'), { schema: CORE_SCHEMA.withTags(mergeTag) }) as ComposeFile;
}

/** A job ends; the others depend on its success. */
export const isJob = ({ restart }: ComposeService): boolean => restart === 'no';

/** `chat-service` for the second instance of the profile "scale", too. */
export const firstInstance = (name: string): string => name.replace(/-2$/, '');
