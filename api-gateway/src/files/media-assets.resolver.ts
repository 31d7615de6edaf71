import { ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import { ConversationFileUrls } from './conversation-file-urls.js';
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

  /** It is valid for the current user only, so an event with it is not shared with other users. */
  private urlFor({ id }: MediaAssetType, variant: string, context: GraphqlContext): string {
    context.isItemUserDependent = true;
    return this.urls.urlFor(context.user!.userId, id, variant);
  }
}
