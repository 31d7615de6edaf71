import type { AuthenticatedUser } from '@chat/shared/auth';
import { toAppError } from '@chat/shared/errors';
import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { ChatClient } from '../clients/chat.client.js';
import { ProfileClient } from '../clients/profile.client.js';
import { CurrentUser } from '../graphql/parameters.js';
import { CompleteUploadArgs, CreateUploadArgs } from './files.args.js';
import { MediaAssetType, UploadTicket } from './files.types.js';

/** The steps of an upload. profile-service has the images of profiles, chat-service the files of conversations. */
@Resolver()
export class FilesResolver {
  constructor(
    private readonly profiles: ProfileClient,
    private readonly chat: ChatClient,
  ) {}

  @Mutation(() => UploadTicket, {
    description: 'Step 1 of 3: returns the URL and the method of the upload. Step 2: the client uploads the file to that URL.',
  })
  createUpload(@Args() { input }: CreateUploadArgs, @CurrentUser() user: AuthenticatedUser): Promise<UploadTicket> {
    const isOfProfile = input.purpose === 'PROFILE_PICTURE' || input.purpose === 'COVER_IMAGE';
    return (isOfProfile ? this.profiles : this.chat).createUpload(input, user.token);
  }

  @Mutation(() => MediaAssetType, { description: 'Step 3 of 3: checks the uploaded file (size, sniffed type) and makes it usable.' })
  async completeUpload(@Args() { uploadId }: CompleteUploadArgs, @CurrentUser() user: AuthenticatedUser): Promise<MediaAssetType> {
    try {
      return { ...(await this.chat.completeUpload(uploadId, user.token)), isForMembers: true };
    } catch (error) {
      const { kind } = toAppError(error);
      if (kind !== 'not-found' && kind !== 'unavailable') throw error;
      return await this.profiles.completeUpload(uploadId, user.token).catch((other: unknown) => {
        // It may be an upload of the service that does not answer.
        throw kind === 'unavailable' && toAppError(other).kind === 'not-found' ? error : other;
      });
    }
  }
}
