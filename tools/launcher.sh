#!/bin/sh
# .venv/bin/kindroom: runs the program of the checkout this environment belongs to, wherever it is called from.
# -P keeps the caller's directory off sys.path: a folder named `web` there must not stand in for ours.
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
root=$(cd "$here/../.." && pwd)
PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}" exec "$here/python" -P -c 'from kindroom.cli import main; main()' "$@"
