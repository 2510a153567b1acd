"""The process that looks at strangers' bytes: `python -m integrations.media.program`, with files in memory as its
only possessions. One line of JSON on its output: what was made, or why nothing was.
"""

import errno
import importlib
import json
import os
import pkgutil
import sys

import av

from domain.media import MediumKind, RecordingRefused, Refusal
from integrations.media import making
from integrations.media.fence import close_off, limit


def main() -> None:
    """`look KIND CPU_SECONDS IN` or `make KIND CPU_SECONDS IN OUT POSTER`: descriptors of files in memory."""
    task, kind, seconds, *descriptors = sys.argv[1:]
    limit(int(seconds))
    _load_all()
    close_off()
    try:
        found = making.run(task, MediumKind(kind), [int(fd) for fd in descriptors])
    except RecordingRefused as refused:
        found = {"refused": refused.reason.value}
    except MemoryError:
        found = {"refused": Refusal.TAKES_TOO_MUCH.value}
    except (av.error.FFmpegError, OSError, ValueError) as error:
        too_much = getattr(error, "errno", None) == errno.EFBIG
        found = {"refused": (Refusal.TAKES_TOO_MUCH if too_much else Refusal.NOT_PLAYABLE).value}
    os.write(1, json.dumps(found).encode())


def _load_all() -> None:
    """Every part of PyAV: it imports some when they are first needed, and then no file can be opened."""
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if not module.name.endswith(("__main__", "datasets")):
            importlib.import_module(module.name)


if __name__ == "__main__":
    main()
