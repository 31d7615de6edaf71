import { register } from 'prom-client';

interface Sample {
  metricName?: string;
  labels: Record<string, string | number | undefined>;
  value: number;
}

/** The current sum or count of each combination of labels of a histogram, as text. */
export async function histogram(name: string, part: 'sum' | 'count'): Promise<Map<string, number>> {
  const { values } = (await register.getSingleMetric(name)!.get()) as { values: Sample[] };
  const own = values.filter(({ metricName }) => metricName === `${name}_${part}`);
  return new Map(own.map(({ labels, value }) => [Object.values(labels).join(' '), value]));
}

/** What an action added to it, if nothing else happens at the same time. */
export async function addedTo(name: string, part: 'sum' | 'count', action: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await histogram(name, part);
  await action();
  const after = [...(await histogram(name, part))].map(([labels, value]) => [labels, value - (before.get(labels) ?? 0)] as const);
  return Object.fromEntries(after.filter(([, value]) => value !== 0));
}
