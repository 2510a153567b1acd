"""The payer sandbox as its own process, once for this folder."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AT_ONCE = (
    "--ack-999=0",
    "--ack-277ca=0",
    "--remit-835=0",
    "--latency-p50-ms=0",
    "--recover-after-s=0.2",
    "--slow-member-ms=3000",
)


@pytest.fixture(scope="session")
def sandbox_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running sandbox whose reports are due at once and whose slow member takes 3 s."""
    data = tmp_path_factory.mktemp("sandbox")
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--data", str(data), *AT_ONCE],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        words = process.stdout.readline().split()
        assert words[:2] == ["sandbox", "ready"], "the sandbox did not start"
        try:
            yield words[-1]
        finally:
            process.terminate()
            process.wait(timeout=20)
