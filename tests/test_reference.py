from __future__ import annotations

import runpy
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent / "docs" / "reference"
PAGES = runpy.run_path(str(HERE / "generate.py"))["pages"]()


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_says_what_the_code_says(name):
    assert (HERE / name).read_text(encoding="utf-8") == PAGES[name], "run: python docs/reference/generate.py"
