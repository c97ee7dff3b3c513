"""A product behind its doors: one for all tests of a module that leave it as it was, and one for a test alone."""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.light import speeds
from tests.served import Doors, open_doors


@pytest.fixture(autouse=True, scope="session")
def _own_speeds() -> Iterator[None]:
    """Let the product remember in the tests' own folder how fast models are."""
    with patch("app.voices.speeds_folder", lambda _settings: speeds()):
        yield


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """Shared by a module."""
    with open_doors(tmp_path_factory.mktemp("home"), upload_megabytes=1) as opened:
        yield opened


@pytest.fixture
def own_doors(tmp_path: Path) -> Iterator[Doors]:
    """For one test that changes what others would see."""
    with open_doors(tmp_path, upload_megabytes=1) as opened:
        yield opened
