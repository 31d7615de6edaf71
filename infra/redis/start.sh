#!/bin/sh
# Starts Redis in a container: with the users of users.acl, and with passwords that are derived from CHAT_REDIS_PASSWORD (scripts/infra/redis-users.ts).
set -eu
umask 077
users=/tmp/users.acl
cp /etc/chat/users.acl "$users"
for user in $(sed -n 's/^user \([a-z-]*\) on .*/\1/p' /etc/chat/users.acl); do
  password=$CHAT_REDIS_PASSWORD
  [ "$user" = chat-admin ] || password=$(printf '%s:%s' "$CHAT_REDIS_PASSWORD" "$user" | sha256sum | cut -c1-64)
  # Only the hash: the password may contain any character.
  sed -i "s/>@$user@/#$(printf '%s' "$password" | sha256sum | cut -c1-64)/" "$users"
done
exec redis-server /etc/chat/redis.conf --bind 0.0.0.0 --protected-mode no --aclfile "$users" "$@"
