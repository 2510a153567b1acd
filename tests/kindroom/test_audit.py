"""`kindroom audit` from the outside."""

import os
import subprocess
import sys
from pathlib import Path


def test_what_is_not_set_is_said_in_a_line(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "kindroom", "audit", "verify"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "KINDROOM_DATA_DIR": str(tmp_path)},
    )
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.count("\n") == 1
    assert "KINDROOM_DATABASE_WORKER is not set" in told.stderr
