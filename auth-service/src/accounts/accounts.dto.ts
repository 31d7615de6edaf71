import { ApiProperty } from '@nestjs/swagger';
import type { Account, AccountSummary } from '@chat/shared/contracts';

/** An account as its owner sees it. */
export class AccountDto implements Account {
  @ApiProperty({ format: 'uuid' }) userId: string;
  @ApiProperty() email: string;
  @ApiProperty() username: string;
  @ApiProperty({ example: 'local', description: 'How the account was created: `local` is by password' }) provider: string;
  @ApiProperty({ description: 'Whether the owner has confirmed the e-mail address' }) emailVerified: boolean;
  @ApiProperty({ description: 'Whether a sign-in needs a code of an authenticator app' }) totpEnabled: boolean;
}

/** An account as every user sees it. */
export class AccountSummaryDto implements AccountSummary {
  @ApiProperty({ format: 'uuid' }) userId: string;
  @ApiProperty() username: string;
  @ApiProperty({ type: String, nullable: true, description: 'As entered at registration' }) firstName: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'As entered at registration' }) lastName: string | null;
  @ApiProperty({ format: 'date-time' }) registeredAt: string;
}
