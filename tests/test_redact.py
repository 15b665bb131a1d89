from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.redact import HIDDEN, redact

TOKENS = [
    "ghp_" + "a1" * 18,
    "ghs_123_" + "eyJ0." * 8 + "x",
    "github_pat_" + "a1_" * 20,
    "glpat-" + "a1-_" * 5,
    "gldt-" + "a1.b" * 6,
    "AGE-SECRET-KEY-1" + "Q" * 58,
]
LETTERS = st.characters(categories=("L", "N"), include_characters="@:!$&*()=+,;%~-_.")


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_is_hidden_wherever_it_stands(token: str) -> None:
    assert redact(f"push to https://{token}@github.com/a/b ({token}) failed") == (
        f"push to https://{HIDDEN}@github.com/a/b ({HIDDEN}) failed"
    )


@given(st.text(LETTERS, min_size=1), st.sampled_from(["https", "ssh", "oci", "HTTP"]))
def test_a_password_in_a_url_is_hidden_whatever_it_is(password: str, scheme: str) -> None:
    found = redact(f"fatal: {scheme}://bot:{password}@host/a.git: no")

    assert found == f"fatal: {scheme}://bot:{HIDDEN}@host/a.git: no"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("http.extraHeader=AUTHORIZATION: basic YWJj", "http.extraHeader=AUTHORIZATION: basic ***"),
        ("'Authorization: Bearer abc.def'", "'Authorization: Bearer ***'"),
        ("PRIVATE-TOKEN: abc", "PRIVATE-TOKEN: ***"),
        ("https://host/a?access_token=abc&b=1", "https://host/a?access_token=***&b=1"),
        (f"https://{'0a' * 20}@git.example.com/a", "https://***@git.example.com/a"),
        ("https://a:b@c/d https://e:f@g/h", "https://a:***@c/d https://e:***@g/h"),
    ],
)
def test_what_logs_a_client_in_is_hidden(text: str, left: str) -> None:
    assert redact(text) == left


def test_a_private_key_is_hidden() -> None:
    text = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\naC1rZXk=\n-----END OPENSSH PRIVATE KEY-----\n"

    assert redact(f"identity:\n{text}") == "identity:\n-----***-----END OPENSSH PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    "text",
    [
        "https://host:8080/a@b",
        "ssh://git@host/a",
        "git@host:a/b",
        "oci://host:5000/a@sha256:1",
        "a: b@c",
        "glpat-short",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text
