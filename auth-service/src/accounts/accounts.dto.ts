import { ApiProperty } from '@nestjs/swagger';
import type { Account, AccountSummary } from '@chat/shared/contracts';
import { IsId } from '@chat/shared/http';

/** An account as its owner sees it. */
export class AccountDto implements Account {
  @ApiProperty({ format: 'uuid' }) userId: string;
  @ApiProperty() email: string;
  @ApiProperty() username: string;
  @ApiProperty({ example: 'local', description: 'What the account was made with' }) provider: string;
  @ApiProperty({ description: 'Whether the owner has shown that the address is theirs' }) emailVerified: boolean;
  @ApiProperty({ description: 'Whether signing in needs a code of an authenticator app' }) totpEnabled: boolean;
}

/** What any signed-in person may know of an account. */
export class AccountSummaryDto implements AccountSummary {
  @ApiProperty({ format: 'uuid' }) userId: string;
  @ApiProperty() username: string;
  @ApiProperty({ type: String, nullable: true, description: 'As given at registration' }) firstName: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'As given at registration' }) lastName: string | null;
  @ApiProperty({ format: 'date-time' }) registeredAt: string;
}

/** The path of what belongs to one user. */
export class UserIdDto {
  @ApiProperty({ format: 'uuid' })
  @IsId()
  userId: string;
}
