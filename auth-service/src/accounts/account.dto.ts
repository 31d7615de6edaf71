import { ApiProperty } from '@nestjs/swagger';
import type { Account } from '@chat/shared/contracts';

/** An account as its owner sees it. */
export class AccountDto implements Account {
  @ApiProperty({ format: 'uuid' }) userId: string;
  @ApiProperty() email: string;
  @ApiProperty() username: string;
  @ApiProperty({ example: 'local', description: 'What the account was made with' }) provider: string;
  @ApiProperty({ description: 'Whether the owner has shown that the address is theirs' }) emailVerified: boolean;
  @ApiProperty({ description: 'Whether signing in needs a code of an authenticator app' }) totpEnabled: boolean;
}
