import { freePort, portFrom, requireFreePorts } from './processes/ports.ts';
import { METRICS_PORT_OFFSET, SEND_PORT, SERVICES, type ServiceName } from './services.ts';

export interface ServicePorts {
  port: Record<ServiceName, number>;
  metrics: Record<ServiceName, number>;
  send: number;
}

/** Ports for all services. With `default`, they must be free. */
export async function chooseServicePorts(choice: 'default' | 'free'): Promise<ServicePorts> {
  if (choice === 'free') {
    const ports: ServicePorts = { port: {} as ServicePorts['port'], metrics: {} as ServicePorts['metrics'], send: await freePort() };
    for (const { name } of SERVICES) {
      ports.port[name] = await freePort();
      ports.metrics[name] = await freePort();
    }
    return ports;
  }
  const ports = configuredServicePorts(process.env);
  await requireFreePorts([
    ...SERVICES.flatMap(({ name, portVariable: variable }) => [
      { port: ports.port[name], name, variable },
      { port: ports.metrics[name], name: `${name}'s metrics (port + ${METRICS_PORT_OFFSET})`, variable },
    ]),
    { port: ports.send, name: 'sends to chat-service', variable: SEND_PORT.portVariable },
  ]);
  return ports;
}

/** The ports that variables name, else the defaults. */
export function configuredServicePorts(env: NodeJS.ProcessEnv): ServicePorts {
  const byService = (offset: number) =>
    Object.fromEntries(SERVICES.map(({ name, port, portVariable }) => [name, portFrom(portVariable, port, env) + offset]));
  return {
    port: byService(0) as ServicePorts['port'],
    metrics: byService(METRICS_PORT_OFFSET) as ServicePorts['metrics'],
    send: portFrom(SEND_PORT.portVariable, SEND_PORT.port, env),
  };
}
