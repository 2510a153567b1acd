#!/bin/sh
# .venv/bin/kindroom: runs the program of the checkout this environment belongs to.
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
root=$(cd "$here/../.." && pwd)
PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}" exec "$here/python" -m kindroom "$@"
