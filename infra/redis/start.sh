#!/bin/sh
# Starts Redis in a container: with the users of users.acl, and with passwords that are derived from CHAT_REDIS_PASSWORD
# (scripts/infra/redis-users.ts), or from the content of the file that CHAT_REDIS_PASSWORD_FILE names.
set -eu
umask 077
folder=$(dirname "$0")
users=${TMPDIR:-/tmp}/users.acl
CHAT_REDIS_PASSWORD=${CHAT_REDIS_PASSWORD:-$(cat "$CHAT_REDIS_PASSWORD_FILE")}
hash() { printf '%s' "$1" | sha256sum | cut -c1-64; }

cp "$folder/users.acl" "$users"
for user in $(sed -n 's/^user \([a-z-]*\) on .*/\1/p' "$folder/users.acl"); do
  password=$CHAT_REDIS_PASSWORD
  [ "$user" = chat-admin ] || password=$(hash "$CHAT_REDIS_PASSWORD:$user")
  # Only the hash: the password may contain any character.
  sed "s/>@$user@/#$(hash "$password")/" "$users" >"$users.new"
  mv "$users.new" "$users"
done
exec redis-server "$folder/redis.conf" --bind 0.0.0.0 --protected-mode no --aclfile "$users"
