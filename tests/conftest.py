"""What many tests share: the project's folder, the material beside it, and a graph built from the seeds."""

from __future__ import annotations

import signal
from pathlib import Path

import hypothesis
import pytest

# How long an example takes says how busy the machine is, and nothing of what is tested.
hypothesis.settings.register_profile("paperkg", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("paperkg")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c() -> None:
    """A shell starts what runs in its background with Ctrl-C ignored, and children inherit that: tests of Ctrl-C need it heard."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Material that is no part of the project: real digests, corpora, W3C test cases. Tests that need it are skipped without."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"{folder.name}/ is not beside the project")
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph built from seeds/digests, with its store. Not to be changed: copy it."""
    from kg.pipeline import Options, build

    folder = tmp_path_factory.mktemp("built") / "output"
    build(folder, Options(inputs=(ROOT / "seeds" / "digests",), store=True))
    return folder


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small graph, with its store. Not to be changed."""
    from small_graph import write_small_graph

    from kg.store import ensure_store

    folder = write_small_graph(tmp_path_factory.mktemp("small"))
    ensure_store(folder)
    return folder
