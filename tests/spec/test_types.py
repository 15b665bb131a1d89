from __future__ import annotations

from collections.abc import Callable

import pytest

from scaffolder.spec import types
from scaffolder.spec.durations import duration

REFUSED: list[tuple[Callable[[str], str], list[str]]] = [
    (types.label, ["", "A", "a.b", "a_b", "-a", "a-", "a" * 64, "a b", "..", "é", "a\n", "x" * 300]),
    (duration, ["", "5", "5x", "1h ", "-1h", "1.h", "0s", "0.0001s", "9" * 400 + "h", "3000000h", "1h\n", "1µs"]),
    (
        types.variable,
        ["", "1A", "A-B", "y", "on", "null", "quote", "DOMAIN", "FLEET_REF", "CLUSTER_NAME", "A" * 254, "É"],
    ),
    (types.variable_value, ["it's", "a\nb", "\x00", "\x1b[31m", "a\u2028b"]),
    (types.full_ref, ["main", "refs/heads/", "refs/pull/1/head", "refs/heads/a b", "refs/tags/../x", "refs/heads/a\n"]),
    (
        types.git_name,
        ["", "@", "HEAD", "-a", "/a", "a/", "a.", "a..b", "a//b", "a.lock", "a.lock/b", "a@{b", "a b", "a\x7f"],
    ),
    (types.git_name, [f"a{mark}b" for mark in "~^:?*[\\\t\n"] + ["a/.b", "x" * 300]),
    (
        types.git_url,
        ["", "x", "git@host:a/b", "host/a", "ftp://h/a", "HTTPS://h/a", "https://", "https:///a", "https://[::1"],
    ),
    (
        types.git_url,
        ["https://h:99999/a", "https://h:0/a", "https://u@h/a", "https://u:p@h/a", "ssh://u:p@h/a", "https://h/a b"],
    ),
    (types.git_url, ["https://h/a\nb", "https://h\t/a", "file:///etc", "https://-h/a", "https://h/\x1b"]),
    (
        types.chart_url,
        ["oci://h", "oci://h/", "oci://h/a/", "oci://h/A", "oci://h/a:1.0", "oci://h/a@sha256:x", "ssh://h/a"],
    ),
    (types.domain, ["", "A.b", "a..b", ".a", "a.", "-a.b", "a" * 64 + ".b", ".".join(["a" * 60] * 5), "a b", "a\n"]),
    (types.commit, ["", "abc", "A" * 40, "a" * 41, "g" * 40, "a" * 40 + "\n"]),
    (types.kubernetes, ["", "1", "1.0", "1.100", "2.1", "v1.33", "1.33.1", "1.33\n"]),
    (types.text, ["", " ", "a\nb", "a\tb", "\x00", "a\u2029"]),
]
TAKEN: list[tuple[Callable[[str], str], list[str]]] = [
    (types.label, ["a", "1e3", "on", "null", "123", "a-b", "a" * 63]),
    (types.variable, ["A", "_a", "log_level", "A" * 253]),
    (types.variable_value, ["", "a: #{}", "${X}", "é", 'say "hi"', " x "]),
    (types.full_ref, ["refs/heads/main", "refs/tags/v1.0.0", "refs/heads/a/b"]),
    (types.git_name, ["main", "feature/a-b", "v1.0.0", "é", "a@b"]),
    (
        types.git_url,
        ["https://h/a", "http://127.0.0.1:3000/a.git", "ssh://git@h:22/a", "https://[::1]:3000/a", "https://h/a?b"],
    ),
    (types.chart_url, ["https://h", "oci://h/a", "oci://h:5000/a_b/c.d/e--f", "http://h/charts/"]),
    (types.domain, ["a", "prod.example.com", "1.2", "a-b.c"]),
    (types.commit, ["a" * 40, "0" * 64]),
    (types.kubernetes, ["1.26", "1.33"]),
]


@pytest.mark.parametrize(("check", "value"), [(check, value) for check, values in REFUSED for value in values])
def test_what_git_kubernetes_or_flux_would_refuse_later_is_refused_with_what_it_must_be(
    check: Callable[[str], str], value: str
) -> None:
    with pytest.raises(ValueError, match=r"^(must|is|does) "):
        check(value)


@pytest.mark.parametrize(("check", "value"), [(check, value) for check, values in TAKEN for value in values])
def test_what_they_take_is_taken_as_it_is(check: Callable[[str], str], value: str) -> None:
    assert check(value) == value


def test_the_short_form_of_a_git_url_is_answered_with_the_long_one() -> None:
    with pytest.raises(ValueError, match=r"write ssh://git@github\.com/acme/fleet\.git"):
        types.git_url("git@github.com:acme/fleet.git")


def test_null_in_what_is_laid_over_values_is_refused_with_its_place() -> None:
    with pytest.raises(ValueError, match=r"`a\.b\.1`"):
        types.no_nulls({"a": {"b": [1, None]}})
