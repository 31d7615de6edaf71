import type { Account } from '../accounts/account.entity.js';
import type { AuthConfig } from '../config.js';

/** Whether this installation lets the account do nothing but set up a second factor, as it has none. */
export function mustSetUpSecondFactor({ totpEnabledAt }: Account, { requireSecondFactor }: AuthConfig): boolean {
  return requireSecondFactor && totpEnabledAt === null;
}
