import { ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import { ConversationFileUrls } from './conversation-file-urls.js';
import { urlPlaceholder } from './file-url-placeholders.js';
import { MediaAssetType } from './files.types.js';

/** The URLs of files. */
@Resolver(() => MediaAssetType)
export class MediaAssetsResolver {
  constructor(private readonly urls: ConversationFileUrls) {}

  @ResolveField()
  url(asset: MediaAssetType, _args: unknown, context: GraphqlContext): string {
    return asset.isForMembers ? this.urlFor(asset, 'original', context) : asset.url;
  }

  @ResolveField()
  thumbnailUrl(asset: MediaAssetType, _args: unknown, context: GraphqlContext): string | null {
    if (!asset.isForMembers) return asset.thumbnailUrl;
    return asset.type === 'IMAGE' ? this.urlFor(asset, 'medium', context) : null;
  }

  /** It is valid for the current user only. */
  private urlFor({ id: fileId }: MediaAssetType, variant: string, { hasUrlPlaceholders, user }: GraphqlContext): string {
    return hasUrlPlaceholders ? urlPlaceholder({ fileId, variant }) : this.urls.urlFor(user!.userId, { fileId, variant });
  }
}
