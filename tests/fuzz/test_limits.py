from __future__ import annotations

import pytest

from tests.fuzz.limits import MEMORY, STATUS, bounded


def test_a_hang_is_an_error() -> None:
    with pytest.raises(TimeoutError), bounded(seconds=1):
        while True:
            pass


@pytest.mark.skipif(not STATUS.is_file(), reason="only Linux says how large a process is")
def test_a_hunger_for_memory_is_an_error_and_over_with_the_case() -> None:
    with pytest.raises(MemoryError), bounded():
        bytearray(MEMORY * 2)

    assert bytearray(MEMORY * 2)
