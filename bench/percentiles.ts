/** The p-th percentile (0–100) of the values, by nearest rank; NaN when there are none. */
export function percentile(values: number[], p: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil((p / 100) * sorted.length) - 1))] ?? Number.NaN;
}

/** `p50/p99` of milliseconds, short enough for a table. */
export function p50p99(values: number[]): string {
  const show = (value: number) => (value < 10 ? value.toFixed(1) : value.toFixed(0));
  return `${show(percentile(values, 50))}/${show(percentile(values, 99))}`;
}
