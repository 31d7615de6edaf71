import { UPLOAD_COLUMNS } from '@chat/shared/uploads';
import type { Statement } from '../database/queries.js';

/**
 * Upload $1, if user $2 may read its file now: an own one that is not used yet, an attachment of a message that the user sees and that is no tombstone, or
 * the picture of a group in which the user is a member. One row of each table, by its primary key; of messages and user_deletions by theirs as well.
 */
export const FIND_READABLE_UPLOAD: Statement = {
  name: 'find_readable_upload',
  text: `
    select ${UPLOAD_COLUMNS} from uploads u
      where u.id = $1 and not exists (select 1 from user_deletions d where d.user_id = $2) and (
        (u.state = 'ready' and u.owner_id = $2)
        or u.state = 'attached' and exists (
          select 1 from attachments a
            join members me on me.conversation_id = a.conversation_id and me.user_id = $2
            left join messages m on m.id = a.message_id
            where a.upload_id = u.id and (
              a.message_id is null
              or m.seq > me.joined_seq and m.deleted_at is null and not exists (select 1 from user_deletions d where d.user_id = m.sender_id))))`,
};

/** The description of the picture of conversation `c`, by the primary key of uploads; null without one. */
export const PICTURE = `case when c.picture_id is not null then (select upload_description(u) from uploads u where u.id = c.picture_id) end`;
