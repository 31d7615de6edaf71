import type { ProcessDefinition } from '../processes/managed-process.ts';

export interface PartOptions {
  /** Of the system; each part has a folder in it. */
  dataDir: string;
  port: number;
  /** For Kafka's controller. */
  secondPort: number;
  /** Of the administrators of PostgreSQL and Redis. */
  password: string;
}

/** How a part runs, once everything that it needs is installed, and its address for the services. */
export type PartProcess = Omit<ProcessDefinition, 'name' | 'kind' | 'port' | 'logFile'> & { address: string };
