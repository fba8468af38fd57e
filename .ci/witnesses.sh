#!/usr/bin/env bash
# Installs what the conformance suites are witnessed by and npm does not have: RabbitMQ and testssl.sh, from Debian.
# Java and Maven come with the machine. What cannot be had is said aloud; its suites then skip, and say so themselves.
set -u
missing=()
for program in rabbitmq-server testssl; do
  command -v "$program" >/dev/null || missing+=("${program/%testssl/testssl.sh}")
done
if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
      echo "NOT INSTALLED: ${missing[*]}: apt-get failed"
  else
    echo "NOT INSTALLED: ${missing[*]}: needs root and apt-get"
  fi
fi
for program in java mvn; do command -v "$program" >/dev/null || echo "NOT INSTALLED: $program: the Kafka part will be skipped"; done
exit 0
