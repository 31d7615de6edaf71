#!/usr/bin/env bash
# Succeeds if the broker in this container can work: its answer to a metadata request lists a broker, itself. It accepts connections before
# that. The request is written byte by byte, because Kafka's own tools start a JVM for each request. The argument is the port of a listener
# without sign-in.
exec 3<> "/dev/tcp/127.0.0.1/${1:-9092}" || exit 1
# length 19; metadata, version 1; correlation id 7; client "probe"; no topics
printf '\0\0\0\023\0\003\0\001\0\0\0\007\0\005probe\0\0\0\0' >&3
# length, correlation id, number of brokers: four bytes each
[ "$(timeout 3 head -c 12 <&3 | tail -c 1 | tr -d '\0' | wc -c)" -gt 0 ]
