from __future__ import annotations

import pytest

from scaffolder.flux.substitution import substituted

VALUES = {"NAME": "web", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: ${NAME}", "a: web"),
        ("a: ${NAME:=other}", "a: web"),
        ("a: ${OTHER:=x-y}", "a: x-y"),
        ("a: ${OTHER:-}", "a: "),
        ("a: ${EMPTY:=x}", "a: x"),
        ("a: $${NAME}", "a: ${NAME}"),
        ("a: $NAME", "a: $NAME"),
    ],
)
def test_variables_are_replaced_as_flux_replaces_them(text: str, expected: str) -> None:
    assert substituted(text, VALUES) == expected


@pytest.mark.parametrize("text", ["a: ${SECRET}", "a: ${NAME^^}", "a: ${NAME", "a: ${}"])
def test_what_has_no_value_here_stays_as_it_is_written(text: str) -> None:
    assert substituted(text, VALUES) == text
