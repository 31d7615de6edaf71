import { ApiProperty } from '@nestjs/swagger';
import type { AccountSummary } from '@chat/shared/contracts';

/** What any signed-in person may know of an account. */
export class AccountSummaryDto implements AccountSummary {
  @ApiProperty({ format: 'uuid' }) userId: string;
  @ApiProperty() username: string;
  @ApiProperty({ type: String, nullable: true, description: 'As given at registration' }) firstName: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'As given at registration' }) lastName: string | null;
  @ApiProperty({ format: 'date-time' }) registeredAt: string;
}
