#!/bin/bash
# The health check of a container: whether the service on port PORT of this container is ready. A shell, because a check that starts Node every
# few seconds costs more processor time than an idle service. Without PORT, the command `health` of the service knows its port.
# $1: how many seconds the answer may take (default 4, less than the limit of the container engine, which may leave the check running).
[ -n "$PORT" ] || exec node dist/main.js health
exec 3<> "/dev/tcp/127.0.0.1/$PORT" || exit 1
printf 'GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
IFS= read -r -t "${1:-4}" status <&3
echo "$status"
[[ "$status" == 'HTTP/1.'?' 200 '* ]]
