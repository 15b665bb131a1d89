from __future__ import annotations

from typing import Any

import pytest

from scaffolder.errors import TemplateError
from scaffolder.jinja import compiled, environment


def rendered(text: str, inputs: dict[str, Any] | None = None, **options: bool) -> str:
    return compiled(environment(options, "x/copier.yml"), text, "app/x.yaml")(inputs or {})


def test_inputs_are_put_in_as_they_are() -> None:
    assert rendered("a: {{ name }}\n", {"name": "<&'\">"}, keep_trailing_newline=True) == "a: <&'\">\n"


def test_the_options_of_a_template_are_its_own() -> None:
    text = "{% if true %}\n  a\n{% endif %}\n"

    assert rendered(text, trim_blocks=True, lstrip_blocks=True) == "  a\n"
    assert rendered(text) == "\n  a\n"


def test_an_option_that_is_not_known_is_told_with_the_template() -> None:
    with pytest.raises(TemplateError, match=r"^x/copier.yml: unknown _envops: autoescape, finalize$"):
        environment({"finalize": print, "autoescape": True}, "x/copier.yml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n{{ name", r"app/x\.yaml:2: unexpected end of template"),
        ("a\n\n{% if x %}\n", r"app/x\.yaml:3: Unexpected end of template"),
        ("{{ a | nonsense }}", r"app/x\.yaml:1: No filter named 'nonsense'"),
        ("a\n{% endfor %}", r"app/x\.yaml:2: Encountered unknown tag 'endfor'"),
    ],
)
def test_what_is_not_jinja_is_told_with_template_and_line(text: str, message: str) -> None:
    with pytest.raises(TemplateError, match=f"^{message}"):
        rendered(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n\n{{ nobody }}", "3: 'nobody' is undefined"),
        ("a\n{% if nobody %}{% endif %}", "2: 'nobody' is undefined"),
        ("a\n{{ here.nobody }}", "2: 'str object' has no attribute 'nobody'"),
        ("a\n{{ 1 / 0 }}", "2: division by zero"),
        ("a\n{{ 5 | xmlattr }}", "2: "),
        ("a\n{% for x in range(1000000) %}{% endfor %}", "2: Range too big"),
        ("{% macro f() %}{{ f() }}{% endmacro %}\n{{ f() }}", "1: "),
        ("{% include 'x' %}", "1: "),
        ("{{ lipsum() }}", "1: 'lipsum' is undefined"),
        ("{{ ''.__class__.__mro__ }}", "1: access to attribute '__class__'"),
        ("{% for k, v in here.items() %}{% endfor %}", "1: "),
    ],
)
def test_what_goes_wrong_in_rendering_is_told_with_template_and_line(text: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        rendered(text, {"here": "x"})

    assert caught.value.message.startswith(f"app/x.yaml:{message}")
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("text", ["{{ [1, 2, 3] | random }}", "{{ cycler(1, 2).next() }}", "{{ joiner() }}"])
def test_nothing_in_it_is_left_to_chance_or_remembers(text: str) -> None:
    with pytest.raises(TemplateError):
        rendered(text)
