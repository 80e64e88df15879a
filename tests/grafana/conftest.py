"""What tests of boards share."""

from collections.abc import Iterator

import pytest

from tests.grafana.shown import Shown, shown


@pytest.fixture(scope="session")
def shown_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """One store for all of them; nobody changes what is in it."""
    with shown(tmp_path_factory.mktemp("shown") / "store") as store:
        yield store
