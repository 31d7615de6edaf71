/**
 * `npm run prove:outages`: each part of the infrastructure in turn is stopped under 50 messages per second. While Kafka, Redis or the
 * registry is unavailable, sends must be accepted; while PostgreSQL is unavailable, they are rejected and retried. After the part has
 * started again, every acknowledged message must arrive once and in order. `npm run prove:outages -- kafka` stops Kafka only.
 */
import type { InfraPart } from '../../scripts/infra/index.ts';
import type { System } from '../../scripts/system.ts';
import { proveFaults, type Fault } from './prove-faults.ts';

function stopped(part: InfraPart, seconds: number, { sendsGoOn }: { sendsGoOn: boolean }): Fault {
  const processOf = ({ infra }: System) => {
    const process = infra[part];
    if (!process) throw new Error(`this test must be able to stop ${part}: unset the variable with its address`);
    return process;
  };
  return {
    name: part,
    seconds,
    sendsGoOn,
    begin: (system) => processOf(system).stop(),
    end: (system) => processOf(system).start(),
  };
}

await proveFaults('parts of the infrastructure unavailable under load', [
  stopped('kafka', 20, { sendsGoOn: true }),
  stopped('redis', 10, { sendsGoOn: true }),
  stopped('registry', 10, { sendsGoOn: true }),
  stopped('postgres', 5, { sendsGoOn: false }),
]);
