"""The flags of `flux bootstrap` that are kubectl's: handed on to it, or refused with a way out."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from scaffolder.errors import UsageError


def of_kubectl(
    *,
    as_: Annotated[str | None, typer.Option("--as", metavar="USER", help="With --apply: act as this user.")] = None,
    as_group: Annotated[
        list[str] | None, typer.Option(metavar="GROUP", help="With --apply: act as of this group; repeat for more.")
    ] = None,
    as_uid: Annotated[str | None, typer.Option(metavar="UID", help="With --apply: act as this UID.")] = None,
    as_user_extra: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="With --apply: more of that user; repeat for more.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="NAME", help="With --apply: the kubeconfig's cluster. [that of the context]")
    ] = None,
    user: Annotated[
        str | None, typer.Option(metavar="NAME", help="With --apply: the kubeconfig's user. [that of the context]")
    ] = None,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="With --apply: the API server. [that of the kubeconfig]")
    ] = None,
    tls_server_name: Annotated[
        str | None, typer.Option(metavar="HOST", help="With --apply: the name in its certificate. [that of the server]")
    ] = None,
    certificate_authority: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --apply: what signed it. [that of the kubeconfig]")
    ] = None,
    insecure_skip_tls_verify: Annotated[
        bool,
        typer.Option(
            "--insecure-skip-tls-verify/--no-insecure-skip-tls-verify",
            help="With --apply: take any certificate. [no]",
            show_default=False,
        ),
    ] = False,
    client_certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --apply: our certificate. [that of the kubeconfig]")
    ] = None,
    client_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --apply: its key. [that of the kubeconfig]")
    ] = None,
    disable_compression: Annotated[
        bool,
        typer.Option(
            "--disable-compression/--no-disable-compression",
            help="With --apply: the API server compresses no answers. [no]",
            show_default=False,
        ),
    ] = False,
    cache_dir: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="With --apply: kubectl's cache. [~/.kube/cache]")
    ] = None,
) -> None:
    """What kubectl is told; `options` reads it."""


def options(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Kubectl's options, without those that are not given."""
    return tuple(_words({name: given[name] for name in inspect.signature(of_kubectl).parameters}))


def _words(given: Mapping[str, Any]) -> Iterator[str]:
    for name, value in given.items():
        flag = f"--{name.rstrip('_').replace('_', '-')}"
        match value:
            case None | False:
                continue
            case True:
                yield flag
            case list():
                yield from (f"{flag}={each}" for each in value)
            case _:
                yield f"{flag}={value}"


# parameter -> why it is not taken, and what does the same
REFUSED: Final = {
    "token": ("a command line can be seen by others", "put the token into a kubeconfig: --kubeconfig names it"),
    "kube_api_qps": ("kubectl has a limit of its own", "leave it out"),
    "kube_api_burst": ("kubectl has a limit of its own", "leave it out"),
    "ns_follows_kube_context": ("a repository is the same whatever the kubeconfig", "--namespace says which it is"),
    "ssh_hostkey_algos": ("we push by HTTPS, so that no SSH connection is ours", "leave it out"),
    "ssh_signing_reuse_private_key": ("there is no such key here", "--ssh-signing-key-file names the one that signs"),
    "private_key_file": ("each cluster gets a deploy key of its own", "leave it out; `bootstrap git` takes one"),
    "verbose": ("flux bootstrap prints nothing more with it", "--dry-run shows what would be made"),
}


def of_flux_alone(
    *,
    token: Annotated[str, typer.Option(hidden=True)] = "",
    kube_api_qps: Annotated[str, typer.Option(hidden=True)] = "",
    kube_api_burst: Annotated[str, typer.Option(hidden=True)] = "",
    ns_follows_kube_context: Annotated[bool, typer.Option(hidden=True)] = False,
    verbose: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """What is not taken by any command: hidden, so that --help shows what is; `refuse` reads it."""


def of_flux_by_ssh(
    *,
    ssh_hostkey_algos: Annotated[list[str] | None, typer.Option(hidden=True)] = None,
    ssh_signing_reuse_private_key: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """What is not taken where we push by HTTPS alone."""


def of_flux_with_key(*, private_key_file: Annotated[str, typer.Option(hidden=True)] = "") -> None:
    """What is not taken where the key of a cluster is one that we make."""


def refuse(given: Mapping[str, Any]) -> None:
    """Raises a UsageError where a flag of Flux's is given that we cannot honour."""
    for name, (reason, hint) in REFUSED.items():
        if given.get(name):
            raise UsageError(f"--{name.replace('_', '-')} is not taken: {reason}", hint=hint)
