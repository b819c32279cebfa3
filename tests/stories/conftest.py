"""What every story may ask for: a demo that is up."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from stories_helpers import Demo, free_port, start_demo


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture
def demo(demo_folder: Path) -> Iterator[Demo]:
    """A running demo; its folder lives on from story to story, as a village's would from day to day."""
    running = start_demo(demo_folder, free_port())
    yield running
    if running.process.poll() is None:
        running.stop()
