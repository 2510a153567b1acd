"""The payer sandbox as its own process, once for this folder."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def sandbox_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running sandbox that answers without latency, but for the member that is slow (2 s)."""
    with _running(tmp_path_factory.mktemp("sandbox")) as url:
        yield url


@pytest.fixture(scope="module")
def own_sandbox_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same, for one module alone: it may move the sandbox's time and set faults."""
    with _running(tmp_path_factory.mktemp("sandbox")) as url:
        yield url


@contextmanager
def _running(data: Path) -> Iterator[str]:
    times = ("--latency-p50-ms=0", "--recover-after-s=0.001", "--slow-member-ms=2000")
    command = [sys.executable, "-m", "sandbox", "--data", str(data), *times]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        words = process.stdout.readline().split()
        assert words[:2] == ["sandbox", "ready"], "the sandbox did not start"
        try:
            yield words[-1]
        finally:
            process.terminate()
            process.wait(timeout=20)
