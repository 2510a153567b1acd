"""A Temporal server that skips time."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from stage import PLAIN
from temporalio.testing import WorkflowEnvironment


@pytest.fixture
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    """A server on which waiting takes no time."""
    environment = await WorkflowEnvironment.start_time_skipping(
        data_converter=PLAIN,
        test_server_existing_path=str(Path(sys.executable).parent / "temporal-test-server"),
    )
    async with environment:
        yield environment
