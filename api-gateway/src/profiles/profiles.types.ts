import { Field, ID, ObjectType } from '@nestjs/graphql';
import { MediaAssetType } from '../files/files.types.js';
import { DateTime } from '../graphql/date-time.scalar.js';

@ObjectType({ description: 'The profile of a user.' })
export class ProfileType {
  @Field(() => ID)
  id: string;

  @Field()
  userId: string;

  @Field()
  username: string;

  @Field(() => String, { nullable: true })
  firstName: string | null;

  @Field(() => String, { nullable: true })
  lastName: string | null;

  @Field(() => String, { nullable: true })
  bio: string | null;

  @Field(() => String, { nullable: true })
  location: string | null;

  @Field(() => String, { nullable: true })
  website: string | null;

  @Field(() => MediaAssetType, { nullable: true })
  profilePicture: MediaAssetType | null;

  @Field(() => MediaAssetType, { nullable: true })
  coverImage: MediaAssetType | null;

  @Field(() => String, { nullable: true, description: 'Visible only to the owner.' })
  phoneNumber: string | null;

  @Field(() => String, { nullable: true, description: 'Visible only to the owner. ISO 8601 date.' })
  birthDate: string | null;

  @Field({ description: 'False: only users that share a conversation with the owner see the whole profile.' })
  isPublic: boolean;

  @Field(() => DateTime)
  createdAt: string;

  @Field(() => DateTime)
  updatedAt: string;
}
