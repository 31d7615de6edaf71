import { describeConfig, type ConfigClass } from '@chat/shared/config';
import { firstInstance, isJob, type ComposeFile, type ComposeService } from './compose-file.ts';

type Configs = Record<string, ConfigClass>;

/** What is wrong with the services and jobs of this repository in compose.yml; `configs` and `jobs` have the config class of each. */
export function serviceProblems({ services }: ComposeFile, configs: Configs, jobs: Configs): string[] {
  const configOf = (name: string) => configs[firstInstance(name)] ?? jobs[name];
  return [
    ...Object.keys(configs).flatMap((name) => instanceProblems(name, services)),
    ...Object.entries(services).flatMap(([name, service]) => [
      ...orderProblems(name, service, services),
      ...(configOf(name) ? variableProblems(name, service, configOf(name)!) : []),
    ]),
  ];
}

/** Every service has a second instance in the profile "scale", under the same name where others call it. */
function instanceProblems(name: string, services: Record<string, ComposeService>): string[] {
  const [first, second] = [services[name], services[`${name}-2`]];
  if (!first || first.profiles) return [`${name} does not run without a profile`];
  if (second?.profiles?.join() !== 'scale') return [`${name} has no second instance in the profile scale`];
  const hasAlias = second.networks?.default?.aliases?.includes(name) ?? false;
  // HAProxy knows the two gateways by their own names.
  return hasAlias === (name !== 'api-gateway') ? [] : [`${name}-2 is not found under the name of ${name}`];
}

/** A job is awaited until its success, everything else until it is healthy, and is there without a profile. */
function orderProblems(name: string, { depends_on = {} }: ComposeService, services: Record<string, ComposeService>): string[] {
  return Object.entries(depends_on).flatMap(([other, { condition }]) => {
    const dependency = services[other];
    if (!dependency || dependency.profiles) return [`${name} depends on ${other}, which does not run`];
    const expected = isJob(dependency) ? 'service_completed_successfully' : 'service_healthy';
    return condition === expected ? [] : [`${name} waits for ${other} until ${condition}, not ${expected}`];
  });
}

/** Every variable exists in the service, every required one is set, and a secret is a file. */
function variableProblems(name: string, { environment = {} }: ComposeService, config: ConfigClass): string[] {
  const known = describeConfig(config);
  const problems: string[] = [];
  for (const [variable, value] of Object.entries(environment)) {
    const found = known.find((one) => one.name === variable) ?? known.find((one) => one.orFile && `${one.name}_FILE` === variable);
    if (!found) problems.push(`${name} has no variable ${variable}`);
    else if (found.secret && found.name === variable && !isPlainAddress(value))
      problems.push(`${name} gets the secret ${variable} not as a file`);
  }
  const isSet = (variable: string) => variable in environment || `${variable}_FILE` in environment;
  const missing = known.filter((one) => one.required && !isSet(one.name));
  return [...problems, ...missing.map((one) => `${name} needs the variable ${one.name}`)];
}

/** An address whose password is in a variable of its own. */
const isPlainAddress = (value: string | number): boolean => /^\$\{\w+:-\w+:\/\/[\w.:-]+\}$/.test(String(value));
