/** Changes of conversations and messages, each with variables of one kind: `id` is that of the conversation or the message. */
export const CREATE = 'mutation ($input: CreateGroupInput!) { createGroup(input: $input) { id } }';
export const UPDATE = 'mutation ($id: ID!, $title: String) { updateGroup(conversationId: $id, title: $title) { id } }';
export const ADD = 'mutation ($id: ID!, $userIds: [ID!]!) { addGroupMembers(conversationId: $id, userIds: $userIds) { id } }';
export const REMOVE = 'mutation ($id: ID!, $userId: ID!) { removeGroupMember(conversationId: $id, userId: $userId) { id } }';
export const SET_ROLE =
  'mutation ($id: ID!, $userId: ID!, $role: MemberRole!) { setGroupMemberRole(conversationId: $id, userId: $userId, role: $role) { id } }';
export const LEAVE = 'mutation ($id: ID!) { leaveConversation(conversationId: $id) }';
export const READ = 'mutation ($id: ID!) { markConversationAsRead(conversationId: $id, seq: 1) { id } }';
export const DELIVERED = 'mutation ($id: ID!) { markConversationAsDelivered(conversationId: $id, seq: 1) }';
export const MUTE = 'mutation ($id: ID!, $until: DateTime) { muteConversation(conversationId: $id, until: $until) { id } }';
export const EDIT = 'mutation ($id: ID!, $content: String!) { editMessage(messageId: $id, content: $content) { id } }';
export const DELETE = 'mutation ($id: ID!) { deleteMessage(messageId: $id) { id deletedAt } }';
export const REACT = 'mutation ($id: ID!, $emoji: String!) { addReaction(messageId: $id, emoji: $emoji) { id } }';
export const UNREACT = 'mutation ($id: ID!, $emoji: String!) { removeReaction(messageId: $id, emoji: $emoji) { id } }';
export const BLOCK = 'mutation ($id: ID!) { blockUser(userId: $id) }';
