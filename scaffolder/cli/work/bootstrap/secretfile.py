"""`--secret-file`: what `--apply` would put into the cluster's secret, as a file for whoever may do so."""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from scaffolder import git
from scaffolder.cli.work.bootstrap.flags import fetching, key_title
from scaffolder.errors import UsageError
from scaffolder.flux.options import install
from scaffolder.kube.secret import KeyOptions, credentials, host_keys, of_registry
from scaffolder.kube.sops import Sops
from scaffolder.report import Made
from scaffolder.yamlio import YamlError, dump, load

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.cli.work.bootstrap.asked import Asked, Loan
    from scaffolder.git.credentials import Access
    from scaffolder.kube.secret import Credentials
    from scaffolder.spec.load import Spec

Verb = Literal["created", "updated", "unchanged"]
Objects = list[dict[str, Any]]
LOCKED: Final = "ENC["  # how SOPS writes a value


@dataclass(frozen=True)
class SecretFile:
    """The flags about it. `recipients` are age's, `registry_login` is user and password of the images' registry."""

    place: Path
    recipients: tuple[str, ...]
    keys: KeyOptions
    registry_login: tuple[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Written:
    """The file for one cluster of the documents, which fetches the repository from `url`, with `access`.

    `grant` lets a public key do so, on a forge that can be told, and `loan` makes what does so instead. Without `sops`,
    the file is not encrypted.
    """

    console: Console
    flags: SecretFile
    spec: Spec
    cluster: str
    url: str
    access: Access
    sops: Sops | None
    grant: Callable[[str], None] | None
    loan: Loan | None = None

    def foreseen(self) -> tuple[Made, ...]:
        """What `write` is going to do, from looking alone."""
        known, verb = self._known(), "created"
        if known is not None:
            ended = self.loan and not self._is_lent(known)
            verb = "updated" if ended else self._verb(known, self._wanted(known)[0])
        return (Made(action=verb, kind="secret", name=str(self.flags.place)),)

    def write(self) -> None:
        """Makes the file, or leaves it where it says the same already; may be repeated.

        Raises:
            ClusterError: the server's host keys cannot be had.
            UsageError: it cannot be written.
        """
        known, place = self._known(), self.flags.place
        wanted, public = self._wanted(known, tell=True)
        verb = self._verb(known, wanted)
        if public:
            self.console.done(f"public key: {public}")
        if self.grant and public:
            self.grant(public)  # first: of a run that is killed after it, the next one replaces the key
        if verb != "unchanged":
            self._put(wanted)
        self.console.done(f"secret in {place}: {verb}")

    def _wanted(self, known: Objects | None, *, tell: bool = False) -> tuple[Objects, str]:
        """What the file is to say, and the public key that it is about; a key that we made once is kept."""
        data = known[0]["data"] if known else {}
        name = self.spec.platform.flux.secret_name
        if "identity" in data and self.url.startswith("ssh://") and not self.access.private_key:
            return [self._secret(data, name), *self._of_images()], _decoded(data.get("identity.pub", ""))
        if known and self.loan and self._is_lent(known):
            return [self._secret(data, name), *self._of_images()], ""
        access = replace(self.loan.renewed(), ca_file=self.access.ca_file) if self.loan else self.access
        made = credentials(self.url, access, self.flags.keys)
        if tell:
            tell_host_keys(self.console, made)
        return [self._secret(made.encoded, name, made.kind), *self._of_images()], made.public_key

    def _is_lent(self, known: Objects) -> bool:
        """Whether what the forge lent still opens the repository; it may be so where we cannot read it."""
        username = str(known[0]["data"].get("username", ""))
        return self.loan is None or username.startswith(LOCKED) or self.loan.works(_decoded(username))

    def _of_images(self) -> Objects:
        if self.flags.registry_login is None:
            return []
        options = install(self.spec, self.spec.cluster(self.cluster))
        login = of_registry(options.registry, *self.flags.registry_login)
        return [self._secret(login.encoded, options.image_pull_secret, login.kind)]

    def _secret(self, data: dict[str, str], name: str, kind: str = "Opaque") -> dict[str, Any]:
        about = {"name": name, "namespace": self.spec.platform.flux.namespace}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": about, "type": kind, "data": data}

    def _verb(self, known: Objects | None, wanted: Objects) -> Verb:
        """What becomes of the file; one that we cannot read stays, as nobody knows what is in it."""
        if known is None:
            return "created"
        locked = any(str(value).startswith(LOCKED) for each in known for value in each["data"].values())
        return "unchanged" if locked or known == wanted else "updated"

    def _known(self) -> Objects | None:
        """What the file says, with what is encrypted as it stands where we have no key; None without a file.

        Raises:
            UsageError: it is something else.
        """
        place = self.flags.place
        try:
            text = place.read_text(encoding="utf-8")
            opened = self.sops.decrypted(text, place) if self.sops else None
            found = [parsed.data for parsed in load((opened or text).encode())]
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError, YamlError):
            found = []
        if not found or not all(isinstance(each, dict) and isinstance(each.get("data"), dict) for each in found):
            hint = "choose another place, or move it away"
            raise UsageError(f"--secret-file {place}: there is something else", hint=hint)
        return [{key: value for key, value in each.items() if key != "sops"} for each in found]

    def _put(self, objects: Objects) -> None:
        place = self.flags.place
        text = "---\n".join(map(dump, objects))
        text = self.sops.encrypted(text, place) if self.sops else text
        try:
            handle, beside = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)  # for nobody else to read
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(beside).replace(place)
        except OSError as error:
            raise UsageError(f"--secret-file {place}: {(error.strerror or str(error)).lower()}") from None


def tell_host_keys(console: Console, made: Credentials) -> None:
    """Shows which server a cluster is going to trust, so that people can compare it with what is published."""
    for key in host_keys(made.data.get("known_hosts", "")):
        console.done(f"SSH host key of {key}")


def _decoded(value: str) -> str:
    """One line of a secret; nothing where it is encrypted."""
    return "" if value.startswith(LOCKED) else base64.b64decode(value).decode("utf-8", "replace").strip()


def written(console: Console, spec: Spec, asked: Asked, flags: SecretFile) -> Written:
    """The file, which only has been looked at.

    Raises:
        UsageError: the flags do not say which cluster it is for, or it must not lie where they say.
    """
    cluster, url = fetching(spec, asked, "--secret-file")
    if not (url.startswith("ssh://") or asked.access.password or asked.loan):
        raise UsageError("--secret-file: the cluster needs a password", hint=f"export it as {asked.variable}")
    if flags.registry_login and not install(spec, spec.cluster(cluster)).image_pull_secret:
        raise UsageError("--registry-creds requires --image-pull-secret to be set", hint="it names the secret")
    title = key_title(spec, cluster)
    grant = partial(asked.grant, title) if asked.grant else None
    loan = asked.loan(title) if asked.loan else None
    return Written(console, flags, spec, cluster, url, asked.access, _sops(flags), grant, loan)


def _sops(flags: SecretFile) -> Sops | None:
    """What encrypts the file: it has to be where it could be committed, and may be elsewhere."""
    place = flags.place
    if not place.parent.is_dir() or place.is_dir():
        raise UsageError(f"--secret-file {place}: there is no such folder, or it is one itself")
    if flags.recipients:
        return Sops.found(flags.recipients, place)
    try:
        git.find(place.parent)
    except UsageError:
        return None
    if not any((folder / ".sops.yaml").is_file() for folder in place.parents):
        message = f"--secret-file {place}: it lies in a repository, where a secret must be encrypted"
        raise UsageError(
            message, hint="--sops-age names for whom, or a creation rule of `.sops.yaml`; or write it elsewhere"
        )
    return Sops.found((), place)
