import type { Account as AccountView, AccountSummary } from '@chat/shared/contracts';
import type { Account } from './account.entity.js';

/** An account as its owner sees it. */
export function toAccountView({ id, email, username, provider, emailVerifiedAt, totpEnabledAt }: Account): AccountView {
  return { userId: id, email, username, provider, emailVerified: emailVerifiedAt !== null, totpEnabled: totpEnabledAt !== null };
}

/** An account as every user sees it. */
export function toAccountSummary({ id, username, firstName, lastName, createdAt }: Account): AccountSummary {
  return { userId: id, username, firstName, lastName, registeredAt: createdAt.toISOString() };
}
