#!/bin/sh
# libfaketime, which sets the clocks of processes wrong: Debian's when root. Without it that one test says why it skips.
ls /usr/lib/*/faketime/libfaketime.so.1 >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Debian's libfaketime to set clocks wrong"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq libfaketime >/dev/null; } || true
fi
exit 0
