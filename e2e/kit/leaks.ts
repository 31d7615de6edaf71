import { expect } from 'vitest';

/** Internal details that no answer may contain. */
export function expectNothingLeaks(text: string): void {
  expect(text).not.toMatch(/stack|node_modules|\.ts:|\.js:|select |insert |relation |duplicate key|ECONN|127\.0\.0\.1/i);
}
