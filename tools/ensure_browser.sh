#!/bin/sh
# A browser for the page tests: one already there, else Debian's chromium when root, else Playwright's own download.
set -u
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
venv=${PYTHON_VENV:-.venv}
ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-*/chrome-linux*/chrome >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Debian's chromium for the page tests"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && exit 0
fi
echo "Asking Playwright for a browser"
"$venv/bin/python" -m playwright install chromium && exit 0
echo "No browser: install chromium (or run 'playwright install chromium') and run make test again." >&2
exit 1
