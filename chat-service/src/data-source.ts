import type { DatabaseConfig } from '@chat/shared/config';
import { createDataSource } from '@chat/shared/database';
import type { DataSource } from 'typeorm';
import { Baseline1764000000001 } from './migrations/0001-baseline.js';
import { LastRecords1764000000002 } from './migrations/0002-last-records.js';
import { UserDeletions1764000000003 } from './migrations/0003-user-deletions.js';
import { InboxPurges1764000000004 } from './migrations/0004-inbox-purges.js';
import { MembershipRecords1764000000005 } from './migrations/0005-membership-records.js';
import { CoalescedReceipts1764000000006 } from './migrations/0006-coalesced-receipts.js';
import { UnreadDeleted1764000000007 } from './migrations/0007-unread-deleted.js';
import { MessageChanges1764000000008 } from './migrations/0008-message-changes.js';
import { MessageSearch1764000000009 } from './migrations/0009-message-search.js';
import { GroupMembers1764000000010 } from './migrations/0010-group-members.js';
import { MutedConversations1764000000011 } from './migrations/0011-muted-conversations.js';
import { Blocks1764000000012 } from './migrations/0012-blocks.js';
import { ReactionCounts1764000000013 } from './migrations/0013-reaction-counts.js';
import { Files1764000000014 } from './migrations/0014-files.js';
import { UploadWaveforms1764000000015 } from './migrations/0015-upload-waveforms.js';

/** In the order in which they depend on each other. */
const SQL_FILES = [
  'database/sql/rfc3339',
  'messages/sql/reactions_of',
  'messages/sql/shown_reactions',
  'messages/sql/message_state',
  'messages/sql/lock_message',
  'messages/sql/edit_message',
  'messages/sql/delete_message_details',
  'messages/sql/delete_message',
  'messages/sql/change_reaction',
  'messages/sql/is_same_send',
  'messages/sql/upload_description',
  'messages/sql/lock_uploads',
  'messages/sql/attach_uploads',
  'blocks/sql/lock_pair',
  'blocks/sql/is_blocked_pair',
  'blocks/sql/change_block',
  'receipts/sql/receipt_event_step',
  'messages/sql/message_created_payload',
  'messages/sql/store_message',
  'messages/sql/store_messages',
  'messages/sql/conversation_created_payload',
  'messages/sql/find_or_create_direct_conversation',
  'messages/sql/store_message_to_user',
  'messages/sql/store_for_build_before',
  'conversations/sql/publish_membership_records',
  'conversations/sql/create_group',
  'conversations/sql/members_changed_payload',
  'conversations/sql/publish_members_changed',
  'conversations/sql/remove_member',
  'conversations/sql/mute_conversation',
  'receipts/sql/read_times',
  'receipts/sql/advance_receipts',
  'receipts/sql/count_unread_deleted',
  'receipts/sql/publish_receipt_events',
  'users/sql/continue_user_deletion',
  'receipts/sql/recount_unread_deleted',
  'search/sql/record_message_changes',
  'search/sql/search_blocks',
  'search/sql/search_messages',
  'search/sql/unindexed_messages',
  'search/sql/index_messages',
];

/** For migrations and transactions: the tables have no entities, as the statements are written out (see the README). */
export function createChatDataSource(config: DatabaseConfig): DataSource {
  return createDataSource({
    config,
    schema: 'chat',
    applicationName: 'chat-service',
    entities: [],
    migrations: [
      Baseline1764000000001,
      LastRecords1764000000002,
      UserDeletions1764000000003,
      InboxPurges1764000000004,
      MembershipRecords1764000000005,
      CoalescedReceipts1764000000006,
      UnreadDeleted1764000000007,
      MessageChanges1764000000008,
      MessageSearch1764000000009,
      GroupMembers1764000000010,
      MutedConversations1764000000011,
      Blocks1764000000012,
      ReactionCounts1764000000013,
      Files1764000000014,
      UploadWaveforms1764000000015,
    ],
    sqlFiles: SQL_FILES.map((name) => new URL(`./${name}.sql`, import.meta.url)),
  });
}
