"""A GitHub App's token for one installation: what it may do is the App's, not a person's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scaffolder.errors import ForgeError, UsageError
from scaffolder.forge import http
from scaffolder.forge.http import MISSING, RefusedError

CLOCK: Final = ("too far in the future", "'exp'", "'iat'")  # of GitHub's words where the clocks differ
KEY: Final = "generate one in the App's settings, and give the .pem file as it is"


@dataclass(frozen=True)
class App:
    """An App in one of its installations; `key` is a file in PEM format."""

    number: str
    installation: str
    key: Path


def is_cloud(host: str) -> bool:
    """Whether it runs on GitHub's own machines, be it in a part that holds one company's data."""
    return host == "github.com" or host.endswith(".ghe.com")


def api_url(host: str) -> str:
    """Where the API of a GitHub is."""
    return f"https://api.{host}" if is_cloud(host) else f"https://{host}/api/v3"


def key_of(app: App) -> str:
    """The App's private key, which signs what asks for a token.

    Raises:
        UsageError: the file cannot be read, or holds no such key.
    """
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415  Apps alone need it
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415  the same

    try:
        content = app.key.read_bytes()
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        raise UsageError(f"--app-private-key-file {app.key} cannot be read: {said}") from None
    try:
        found = load_pem_private_key(content, None)
    except (ValueError, TypeError):
        raise UsageError(f"--app-private-key-file {app.key}: it holds no private key", hint=KEY) from None
    if not isinstance(found, RSAPrivateKey):
        raise UsageError(f"--app-private-key-file {app.key}: Apps have RSA keys, and this is another", hint=KEY)
    return content.decode()


def minted(base: str, app: App, key: str, ca_file: Path | None = None) -> str:
    """A token for an hour, from the API at a URL.

    Raises:
        ForgeError: GitHub does not know the App, its key or the installation, or the clocks differ.
    """
    from github.Auth import AppAuth  # noqa: PLC0415  PyGithub is slow to import

    signed = AppAuth(app.number, key).create_jwt()
    with http.opened(base, {"Authorization": f"Bearer {signed}"}, token=signed, ca_file=ca_file) as api:
        try:
            return str(api.post(f"app/installations/{app.installation}/access_tokens", {})["token"])
        except RefusedError as error:
            message = f"GitHub gives no token to the App {app.number}: {error.said or error.status}"
            raise ForgeError(message, hint=_hint(error, app)) from None


def _hint(error: RefusedError, app: App) -> str:
    if any(words in error.said for words in CLOCK):
        return "this machine's clock is wrong: set it, and run this again"
    if error.status == MISSING:
        return f"--app-installation-id {app.installation}: it is the number in the URL of the App's installation"
    return "--app-id and --app-private-key-file have to be of the same App; a clock that is wrong does this, too"
