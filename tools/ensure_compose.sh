#!/bin/sh
# docker-compose, which checks the compose file: Debian's when root. Without it that one test says why it skips.
command -v docker-compose >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Debian's docker-compose to check the compose file"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq docker-compose >/dev/null; } || true
fi
exit 0
