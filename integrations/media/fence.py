"""What a process gives up before it looks at a stranger's bytes: memory, time, files, network, children.

Decoders are large programs written in C; a mistake in one must not reach a key, a disk or a network. The limits
hold for what is used, the filter for what is asked of the kernel (seccomp: Linux, `man 2 seccomp`).
"""

import ctypes
import os
import platform
import resource
import struct
from typing import Final

from domain.media import MAX_BYTES, MIB

_MEMORY: Final = 1536 * MIB
_NO_NEW_PRIVILEGES: Final = 38
_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2

# opening files, sockets, programs, children, other processes, and the doors to what the filter would not see
_DENIED: Final = {
    "x86_64": (
        0xC000003E,
        # open, creat, openat, openat2 | socket .. socketpair | clone, fork, vfork, execve, execveat, clone3
        (
            *(2, 85, 257, 437, *range(41, 54), 56, 57, 58, 59, 322, 435),
            # kill, tkill | ptrace, process_vm_* | mount, unshare, setns, bpf, perf, io_uring_*, pidfd_*, keyctl
            *(62, 200, 101, 310, 311, 165, 272, 308, 321, 298, 425, 426, 427, 424, 434, 438, 248, 249, 250),
            # unlink, rename, link, symlink, chmod, chown, truncate, mkdir, rmdir and their -at forms
            *(76, 82, 83, 84, 86, 87, 88, 90, 92, 94, 258, 260, 263, 264, 265, 266, 268, 316),
        ),
    ),
    "aarch64": (
        0xC00000B7,
        (
            *(56, 437, *range(198, 213), 220, 221, 281, 435),
            *(129, 130, 117, 270, 271, 40, 97, 268, 280, 241, 425, 426, 427, 424, 434, 438, 217, 218, 219),
            *(34, 35, 36, 37, 38, 45, 53, 54, 276),
        ),
    ),
}


def limit(cpu_seconds: int) -> None:
    """Bound what this process may use. The kernel ends it when it takes more time, and refuses it the rest."""
    resource.setrlimit(
        resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1)
    )  # SIGXCPU tells what happened, SIGKILL not
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_FSIZE, MAX_BYTES),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def close_off() -> None:
    """From here on: no file is opened, no socket, no program, no child, no thread. Raises OSError if that fails."""
    os.chdir("/")
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    program = _program()
    lines = ctypes.create_string_buffer(program, len(program))
    asked = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(lines))
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(_SET_SECCOMP, _MODE_FILTER, asked, 0, 0):
        raise OSError(ctypes.get_errno(), "no filter")


def _program() -> bytes:
    """The filter in the kernel's language: another machine's calls kill; the denied ones answer EPERM."""
    architecture, denied = _DENIED[platform.machine()]
    load, jump_equal, jump_more, answer = 0x20, 0x15, 0x35, 0x06
    count = len(denied)
    steps = [
        (load, 0, 0, 4),  # the architecture
        (jump_equal, 1, 0, architecture),
        (answer, 0, 0, 0x80000000),  # kill
        (load, 0, 0, 0),  # the number of the call
        (jump_more, count + 1, 0, 0x40000000),  # x32: the same calls by other numbers
    ]
    steps += [(jump_equal, count - n, 0, call) for n, call in enumerate(denied)]
    steps += [(answer, 0, 0, 0x7FFF0000), (answer, 0, 0, 0x00050001)]  # allow | EPERM
    return b"".join(struct.pack("HBBI", *step) for step in steps)
