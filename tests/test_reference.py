from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent / "docs" / "reference"
REFERENCE = runpy.run_path(str(HERE / "generate.py"))
PAGES = REFERENCE["pages"]()


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_says_what_the_code_says(name):
    assert (HERE / name).read_text(encoding="utf-8") == PAGES[name], "run: python docs/reference/generate.py"


def test_every_report_with_a_field_of_its_own_is_told() -> None:
    code = "".join(each.read_text(encoding="utf-8") for each in HERE.parent.parent.glob("scaffolder/**/*.py"))

    assert sorted(re.findall(r"class (\w+)\(Report\)", code)) == sorted(
        each.__name__ for each in REFERENCE["ADDING"].values()
    )
