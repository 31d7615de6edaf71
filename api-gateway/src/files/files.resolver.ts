import type { AuthenticatedUser } from '@chat/shared/auth';
import { AppError } from '@chat/shared/errors';
import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { ProfileClient } from '../clients/profile.client.js';
import { CurrentUser } from '../graphql/parameters.js';
import { CompleteUploadArgs, CreateUploadArgs } from './files.args.js';
import { MediaAssetType, UploadTicket } from './files.types.js';

/** The steps of an upload. profile-service has the images of profiles; no service accepts other files yet. */
@Resolver()
export class FilesResolver {
  constructor(private readonly profiles: ProfileClient) {}

  @Mutation(() => UploadTicket, {
    description: 'Step 1 of 3: returns the URL and the method of the upload. Step 2: the client uploads the file to that URL.',
  })
  createUpload(@Args() { input }: CreateUploadArgs, @CurrentUser() user: AuthenticatedUser): Promise<UploadTicket> {
    if (input.purpose !== 'PROFILE_PICTURE' && input.purpose !== 'COVER_IMAGE')
      throw new AppError('not-configured', 'upload/purpose', `Files for ${input.purpose} cannot be uploaded yet.`);
    return this.profiles.createUpload(input, user.token);
  }

  @Mutation(() => MediaAssetType, { description: 'Step 3 of 3: checks the uploaded file (size, sniffed type) and makes it usable.' })
  completeUpload(@Args() { uploadId }: CompleteUploadArgs, @CurrentUser() user: AuthenticatedUser): Promise<MediaAssetType> {
    return this.profiles.completeUpload(uploadId, user.token);
  }
}
