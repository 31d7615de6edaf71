export interface TriedRates {
  first: number;
  max: number;
  /** The highest rate that was sustained; 0: none. */
  sustained: number;
  /** The lowest rate that was not; Infinity: none. */
  failed: number;
}

const FACTOR = 1.5;
/** The search ends when the rates between which the highest one lies are as close as this. */
const CLOSE_ENOUGH = 1.12;
const LOWEST = 5;

/** The next rate to try in a search for the highest sustained one; null when it is known. */
export function nextRate({ first, max, sustained, failed }: TriedRates): number | null {
  if (sustained === 0 && failed === Infinity) return Math.min(first, max);
  if (failed === Infinity) return sustained < max ? Math.min(Math.round(sustained * FACTOR), max) : null;
  if (sustained === 0) return failed > LOWEST ? Math.max(Math.round(failed / FACTOR), LOWEST) : null;
  const between = Math.round(Math.sqrt(sustained * failed));
  return failed / sustained > CLOSE_ENOUGH && between > sustained && between < failed ? between : null;
}
