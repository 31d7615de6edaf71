import type { Profile } from '@chat/shared/contracts';
import { ApiProperty } from '@nestjs/swagger';

/** The contract's `Profile`, as Swagger shows it. */
export class ProfileView implements Profile {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  userId: string;

  @ApiProperty()
  username: string;

  @ApiProperty({ type: String, nullable: true })
  firstName: string | null;

  @ApiProperty({ type: String, nullable: true })
  lastName: string | null;

  @ApiProperty({ type: String, nullable: true })
  bio: string | null;

  @ApiProperty({ type: String, nullable: true })
  location: string | null;

  @ApiProperty({ type: String, nullable: true })
  website: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Only for the owner.' })
  phoneNumber: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date', description: 'Only for the owner.' })
  birthDate: string | null;

  @ApiProperty()
  isPublic: boolean;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
}
