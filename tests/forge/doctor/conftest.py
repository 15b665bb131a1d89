from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.answers import Answers, answering


@pytest.fixture
def forge(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    """A forge that knows nothing yet."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with answering() as answers:
        yield answers
