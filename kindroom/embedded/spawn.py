"""Become another program that dies with its parent. Run as a script, by `kindroom.embedded.processes` only.

    python -I -S spawn.py DEATH_SIGNAL PARENT_PID UID GID COMMAND...

A step of its own, because work between fork and exec is unsafe in a parent with threads, and because the
death signal is forgotten when the user changes: it has to be set after that, by the child itself.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(death_signal: str, parent: str, user: str, group: str, *command: str) -> None:
    """Drop to `user` unless it is "-", bind to the parent, and exec."""
    os.umask(0o077)
    if user != "-":
        os.setgroups([])
        os.setgid(int(group))
        os.setuid(int(user))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != int(parent):  # it died before the line above
        raise SystemExit(1)
    os.execvp(command[0], command)  # noqa: S606  the command comes from our own code, no shell reads it


if __name__ == "__main__":
    main(*sys.argv[1:])
