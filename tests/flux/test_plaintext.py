from __future__ import annotations

import textwrap

import pytest

from scaffolder.flux.plaintext import exposed

KEY = "-----BEGIN {}PRIVATE KEY-----"
BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"


def lines(text: str, path: str = "apps/x.yaml") -> list[int]:
    return [line for line, _ in exposed(path, textwrap.dedent(text).lstrip("\n").encode())]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kind: Secret\nstringData:\n  a: b\n  c: d\n", [3, 4]),
        ("kind: 'Secret'\napiVersion: v1\ndata: {a: aGVsbG8=}\n", [3]),
        ("a: b\n---\nkind: List\nitems:\n- kind: Secret\n  data:\n    x: eA==\n", [7]),
        ("patches:\n- patch: |\n    kind: Secret\n    stringData:\n      a: b\n", [5]),
        ("kind: Secret\nstringData:\n  a: |\n    b\n", [3]),
        ("kind: Secret\nstringData:\n  a: [b]\n", [3]),
        ("kind: Secret\nstringData:\n  a: ${A:=b}\n", [3]),
        ("kind: Secret\ndata:\n  a: ENC[AES256_GCM,data:x]\n", [3]),
        ("kind: Secret\ndata:\n  a: ENC[AES256_GCM,data:x]\n  b: eA==\nsops: {mac: x}\n", [4]),
        ("secretGenerator:\n- name: x\n  literals:\n  - a=b\n", [4]),
        ("kind: Secret\nstringData:\n\ta: b\n", [1]),
    ],
)
def test_a_secret_that_anybody_can_read_is_found_with_its_line(text: str, found: list[int]) -> None:
    assert lines(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "kind: Secret\ndata:\n  a: ENC[AES256_GCM,data:x]\nsops: {mac: x}\n",
        "kind: Secret\nstringData:\n  a: ${quote}${password}${quote}\n  b: ''\n",
        "kind: Secret\nstringData:\n  a: {{ .Values.a }}\n",
        "kind: Secret\nmetadata: {name: x}\n",
        "valuesFrom:\n- kind: Secret\n  name: x\n",
        "apiVersion: external.io/v1\nkind: Secret\ndata: {a: b}\n",
        "kind: ConfigMap\ndata: {a: 'a Secret'}\n",
        "secretGenerator:\n- name: x\n  files: [a.enc]\n  literals: ['a=${A}']\n",
    ],
)
def test_what_shows_nothing_is_fine(text: str) -> None:
    assert lines(text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"a\n{KEY.format('')}\n{BODY}",
        f"a\n{KEY.format('OPENSSH ')}\r\n{BODY}",
        f"a\n  key: |\n    {KEY.format('RSA ')}\n    Proc-Type: 4,ENCRYPTED\n\n    {BODY}".replace("  key: |\n", ""),
        f'a\n"{KEY.format("EC ")}\\n{BODY}"',
        f"a\n-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n{BODY}",
        "a\nAGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2,
    ],
)
def test_a_private_key_is_found_in_any_file(text: str) -> None:
    assert lines(text, "notes.txt") == [2]


def test_text_about_private_keys_is_none() -> None:
    assert lines(f"It begins with `{KEY.format('')}`.\n", "README.md") == []
