"""What is left to do on a cluster after its repository is pushed: Flux itself, and its secret, as commands."""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING

from scaffolder.cli.work.bootstrap.flags import cluster_of, key_title
from scaffolder.cli.work.bootstrap.secretfile import SecretFile
from scaffolder.errors import UsageError
from scaffolder.spec.rules import folder

if TYPE_CHECKING:
    from scaffolder.cli.work.bootstrap.asked import Asked
    from scaffolder.spec.load import Spec


def refuse_unfit(spec: Spec, asked: Asked) -> None:
    """Under lockdown the secret's keys are variables to Flux, and their values stand between quotes in YAML.

    Raises:
        UsageError: with this secret the layers of every namespace would stop.
    """
    if not spec.platform.lockdown or not (asked.url or "").startswith("http"):
        return
    if asked.access.ca_file:
        message = "--ca-file: under `lockdown` no certificate can be handed to the namespaces, which fetch as well"
        hint = "give the server a certificate that is trusted anyway; or lockdown: false"
        raise UsageError(message, hint=hint)
    if asked.access.bearer and spec.platform.hands_down_login:
        message = "--with-bearer-token: under `lockdown` a name and a password are handed to the namespaces"
        raise UsageError(message, hint="--token-auth, with a password; or lockdown: false")
    for what, value in (("password", asked.access.password), ("username", asked.access.username)):
        if spec.platform.hands_down_login and "'" in value:
            message = f"the {what} has a ', which under `lockdown` cannot be handed to the namespaces"
            raise UsageError(message, hint="take a token without one, best one that can only read")


def steps(spec: Spec, asked: Asked) -> tuple[str, ...]:
    """The commands, to be run in the repository; none where clusters cannot reach it."""
    if asked.url is None or not spec.names("cluster"):
        return ()
    picked = cluster_of(spec, asked.path)
    first, *others = [picked] if picked else spec.names("cluster")
    home = posixpath.join(folder(spec.cluster(first)) or ".", spec.platform.flux.namespace)
    apply = shlex.join(["kubectl", "apply", "--server-side", "-k", home])
    secret = _secret(spec, first, asked.url, asked)
    again = [f"the same for each other cluster, in its own folder: {', '.join(others)}"] if others else []
    return (f"{apply}  # Flux; it does not know its own kinds yet", *secret, apply, *again)


def _secret(spec: Spec, cluster: str, url: str, asked: Asked) -> tuple[str, ...]:
    """Makes the secret that Flux fetches the repository with; a password comes from the user's environment."""
    flux, access = spec.platform.flux, asked.access
    if isinstance(asked.apply, SecretFile):
        return _of_file(asked.apply, url, asked)
    from_environment = f' --password="${asked.variable}"'
    words = ["flux", "create", "secret", "git", flux.secret_name, f"--namespace={flux.namespace}", f"--url={url}"]
    if not url.startswith("ssh://"):
        authority = [f"--ca-crt-file={access.ca_file}"] if access.ca_file else []
        if asked.loan:
            make = f"make a deploy token `{key_title(spec, cluster)}` with read_repository in the settings of {url}"
            line = shlex.join([*words, *authority])
            return (make, f'{line} --username="$DEPLOY_TOKEN_USERNAME" --password="$DEPLOY_TOKEN"')
        if access.bearer:
            return (shlex.join([*words, *authority]) + f' --bearer-token="${asked.variable}"',)
        return (shlex.join([*words, f"--username={access.username}", *authority]) + from_environment,)
    if access.private_key:
        line = shlex.join([*words, f"--private-key-file={access.private_key}"])
        return (line + (from_environment if access.password else ""),)
    return (shlex.join(words), *(() if asked.silent else (f"let the public key that it prints read {url}",)))


def _of_file(file: SecretFile, url: str, asked: Asked) -> tuple[str, ...]:
    """Applies the secret that was written to a file, by whoever can decrypt it."""
    place = shlex.quote(str(file.place))
    told = url.startswith("ssh://") and not (asked.grant or asked.silent or asked.access.private_key)
    encrypted = file.place.is_file() and "\nsops:\n" in file.place.read_text(encoding="utf-8")
    line = f"kubectl apply --server-side -f {place}"
    if encrypted:
        line = f"sops decrypt {place} | kubectl apply --server-side -f -"
    return (line, *((f"let the public key of {place} read {url}",) if told else ()))
