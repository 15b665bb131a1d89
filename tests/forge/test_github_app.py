from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from scaffolder.errors import ForgeError, UsageError
from scaffolder.forge.github_app import App, api_url, key_of, minted
from tests.support.answers import Answers, answering

KEY = rsa.generate_private_key(65537, 2048)
ASKED = "POST /app/installations/42/access_tokens"
TOKEN = "ghs_0123456789abcdefghijABCDEFGHIJ"


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


@pytest.fixture
def app(tmp_path: Path) -> App:
    (tmp_path / "app.pem").write_bytes(pem(KEY))
    return App("7", "42", tmp_path / "app.pem")


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with answering() as answers:
        yield answers


def test_an_app_gets_a_token_for_its_installation_by_what_its_key_signed(github: Answers, app: App) -> None:
    github.says(ASKED, {"token": TOKEN}, 201)

    assert minted(github.base, app, key_of(app)) == TOKEN

    [(_, headers)] = github.asked
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert jwt.decode(headers["Authorization"].removeprefix("Bearer "), public, ["RS256"])["iss"] == "7"


@pytest.mark.parametrize(
    ("status", "said", "hint"),
    [
        (401, "'Expiration time' claim ('exp') is too far in the future", "this machine's clock is wrong: set it"),
        (401, "A JSON web token could not be decoded", "--app-id and --app-private-key-file have to be of the same"),
        (404, "Not Found", "--app-installation-id 42: it is the number in the URL"),
    ],
)
def test_what_github_refuses_is_told_with_what_to_do(
    github: Answers, app: App, status: int, said: str, hint: str
) -> None:
    github.says(ASKED, {"message": said}, status)

    with pytest.raises(ForgeError) as told:
        minted(github.base, app, key_of(app))

    assert told.value.message == f"GitHub gives no token to the App 7: {said}"
    assert told.value.hint.startswith(hint)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: no such file or directory"),
        (b"\xff\x00", "it holds no private key"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "Apps have RSA keys"),
    ],
)
def test_a_file_without_such_a_key_is_told(tmp_path: Path, content: bytes | None, said: str) -> None:
    place = tmp_path / "app.pem"
    if content is not None:
        place.write_bytes(content)

    with pytest.raises(UsageError, match=rf"^--app-private-key-file .*{said}"):
        key_of(App("7", "42", place))


def test_the_api_is_beside_github_com_and_below_every_other_one() -> None:
    assert [api_url(host) for host in ("github.com", "git.example.com")] == [
        "https://api.github.com",
        "https://git.example.com/api/v3",
    ]
