from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.judges import tools
from tests.judges.substitution import SubstitutionError, Variables, substitute, substitute_known

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = (
    "plain $ and $HOME and $(HOME)",
    "${A}-${B}",
    "${A:=x} ${B:=x} ${C:=x} ${C:-x} ${C=x} ${C:=}",
    "$${A} $$A $$$${A} $$$A",
    "${C:=a b: $c  d}",
    "${EMPTY}|${EMPTY:=x}",
    "${C}",
    "${A",
    "${}",
    "${A B}",
)


@pytest.mark.parametrize("text", TEXTS)
def test_substitution_is_that_of_flux(text: str, tmp_path: Path) -> None:
    values = {"A": "1", "B": "two", "EMPTY": ""}
    flux = subprocess.run(
        [tools.require("flux"), "envsubst", "--strict"],
        input=text,
        env={**values, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        ours = substitute(text, Variables(values))
    except SubstitutionError:
        assert flux.returncode != 0
    else:
        assert (flux.returncode, flux.stdout.removesuffix("\n")) == (0, ours)


def test_only_known_variables_are_substituted_where_no_cluster_is_known() -> None:
    assert substitute_known("${A} ${B} ${B:=2} ${B^^}", Variables({"A": "1"})) == "1 ${B} 2 ${B^^}"


def test_a_variable_must_have_a_name_that_flux_takes() -> None:
    with pytest.raises(SubstitutionError, match="identity"):
        substitute("x", Variables({"identity.pub": "x"}))
