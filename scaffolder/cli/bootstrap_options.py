"""`flux bootstrap`'s flags that several `bootstrap` commands have, each said once."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

from scaffolder.cli import bootstrap_kubectl as kubectl
from scaffolder.cli import change_options as change
from scaffolder.cli.options import DryRun, Manifests, Output, OutputFormat, split

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.report import Report

Kubeconfig = Annotated[
    Path | None, typer.Option(metavar="FILE", help="With --apply: how to reach the cluster. [kubectl's own]")
]
Context = Annotated[str | None, typer.Option(metavar="NAME", help="With --apply: the kubeconfig's context. [current]")]
Timeout = Annotated[str | None, typer.Option(metavar="DURATION", help="With --apply: for all waits together. [5m0s]")]


def of_every_forge(
    *,
    branch: Annotated[str | None, typer.Option(metavar="BRANCH", help="Git branch. [main]")] = None,
    path: Annotated[str | None, typer.Option(metavar="FOLDER", help="The cluster's folder in the repository.")] = None,
    interval: Annotated[str | None, typer.Option(metavar="DURATION", help="Sync interval. [1m0s]")] = None,
    version: Annotated[
        str | None, typer.Option("--version", "-v", metavar="VERSION", help="Flux release. [the newest known]")
    ] = None,
    components: Annotated[
        list[str] | None, typer.Option(metavar="NAMES", help="Components, with commas or repeated. [Flux's four]")
    ] = None,
    components_extra: Annotated[
        list[str] | None, typer.Option(metavar="NAMES", help="Components beside the default ones.")
    ] = None,
    registry: Annotated[
        str | None, typer.Option(metavar="HOST/PATH", help="Registry of the controllers' images. [ghcr.io/fluxcd]")
    ] = None,
    image_pull_secret: Annotated[
        str | None, typer.Option(metavar="NAME", help="Secret with the registry's credentials.")
    ] = None,
    toleration_keys: Annotated[
        list[str] | None, typer.Option(metavar="KEYS", help="Keys of taints that the controllers tolerate.")
    ] = None,
    network_policy: Annotated[
        bool | None, typer.Option("--network-policy/--no-network-policy", help="Network policies. [yes]")
    ] = None,
    log_level: Annotated[str | None, typer.Option(metavar="LEVEL", help="debug, info or error. [info]")] = None,
    watch_all_namespaces: Annotated[
        bool | None,
        typer.Option("--watch-all-namespaces/--no-watch-all-namespaces", help="Watch every namespace. [yes]"),
    ] = None,
    cluster_domain: Annotated[
        str | None, typer.Option(metavar="DOMAIN", help="Internal domain of the cluster. [cluster.local]")
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option(
            "--namespace", "-n", metavar="NAME", envvar="FLUX_SYSTEM_NAMESPACE", help="Namespace of Flux. [flux-system]"
        ),
    ] = None,
    secret_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Secret with the repository's credentials. [flux-system]")
    ] = None,
    recurse_submodules: Annotated[
        bool | None, typer.Option("--recurse-submodules/--no-recurse-submodules", help="Clone submodules. [no]")
    ] = None,
    sparse_checkout: Annotated[
        list[str] | None, typer.Option(metavar="FOLDERS", help="Fetch these folders alone. [all]")
    ] = None,
    commit_message_appendix: Annotated[
        str, typer.Option(metavar="TEXT", help="Text after each commit message, e.g. [ci skip].")
    ] = "",
    manifests: Manifests = None,
    author_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Author of all commits. [Flux, and of ours git's user.name]")
    ] = None,
    author_email: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="The author's address. [none, and of ours git's user.email]")
    ] = None,
) -> None:
    """What is asked for in the repository; `shared` reads it."""


def of_commits(
    *,
    gpg_key_ring: Annotated[
        Path | None, typer.Option(metavar="FILE", help="GPG key ring: its first key signs the commits. [not signed]")
    ] = None,
    gpg_passphrase: Annotated[
        str, typer.Option(metavar="TEXT", help="Of that key. Others can see it here: rather export GPG_PASSPHRASE.")
    ] = "",
    gpg_key_id: Annotated[str, typer.Option(metavar="ID", help="Another key of the ring: 16 hex digits.")] = "",
    ssh_signing_key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="SSH key that signs the commits. [not signed]")
    ] = None,
    ssh_signing_password: Annotated[
        str,
        typer.Option(metavar="TEXT", help="Of that key. Others can see it here: rather export SSH_SIGNING_PASSWORD."),
    ] = "",
    ssh_signing_passphrase: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Who signs the commits; `shared` reads it."""


def of_cluster(
    *,
    ssh_key_algorithm: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of the cluster's new key: rsa, ecdsa or ed25519. [ecdsa]")
    ] = None,
    ssh_rsa_bits: Annotated[
        int | None, typer.Option(metavar="BITS", help="Of an RSA key, a multiple of 8. [2048]")
    ] = None,
    ssh_ecdsa_curve: Annotated[str | None, typer.Option(metavar="NAME", help="p256, p384 or p521. [p384]")] = None,
    registry_creds: Annotated[
        str | None,
        typer.Option(
            metavar="USER:PASSWORD",
            help="What --image-pull-secret is to hold. Others can see it here: rather export FLUX_REGISTRY_CREDS.",
        ),
    ] = None,
    apply: Annotated[
        bool,
        typer.Option(
            "--apply/--no-apply",
            help="Also do the cluster's part: Flux, its secret, and wait for both. [print the commands]",
            show_default=False,
        ),
    ] = False,
    secret_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Instead of --apply: write the cluster's secret there, for `kubectl apply`. [no]"
        ),
    ] = None,
    sops_age: Annotated[
        list[str] | None,
        typer.Option(metavar="RECIPIENTS", help="With --secret-file: encrypt it for these. [as .sops.yaml says]"),
    ] = None,
    kubeconfig: Kubeconfig = None,
    context: Context = None,
    timeout: Timeout = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force/--no-force",
            help="With --apply: take over a Flux that another tool installed. [no]",
            show_default=False,
        ),
    ] = False,
) -> None:
    """What is done on the cluster; `about_cluster` reads it."""


ABOUT_CLUSTER: Final = (of_cluster, kubectl.of_kubectl, kubectl.of_flux_alone)


def of_every_run(*, dry_run: DryRun = False, output: Output = OutputFormat.text) -> None:
    """How the command runs."""


# parameter -> field of a document's `flux`
FIELDS: Final = {
    "version": "version",
    "components": "components",
    "components_extra": "componentsExtra",
    "registry": "registry",
    "image_pull_secret": "imagePullSecret",
    "toleration_keys": "tolerationKeys",
    "network_policy": "networkPolicy",
    "log_level": "logLevel",
    "watch_all_namespaces": "watchAllNamespaces",
    "cluster_domain": "clusterDomain",
    "namespace": "namespace",
    "secret_name": "secretName",
    "interval": "interval",
    "recurse_submodules": "recurseSubmodules",
    "sparse_checkout": "sparseCheckout",
}
LISTS: Final = frozenset({"components", "components_extra", "toleration_keys", "sparse_checkout"})


def shared(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a command's parameters say that all commands have, as `Asked` has it."""
    from scaffolder.cli.work.bootstrap.signing import Signing
    from scaffolder.cli.work.commits import Author

    flux = {field: split(given[name]) if name in LISTS else given[name] for name, field in FIELDS.items()}
    return {
        "branch": given["branch"],
        "path": given["path"],
        "flux": {field: value for field, value in flux.items() if value not in (None, [])},
        "manifests": given["manifests"],
        "appendix": given["commit_message_appendix"],
        "author": Author(given["author_name"], given["author_email"]),
        "signing": Signing(**{name: given[name] for name in inspect.signature(of_commits).parameters}),
        "proposal": change.asked(given),
    }


def about_cluster(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a command's parameters say about the cluster, without those that are not given; `kubectl` has its own."""
    found = {name: given[name] for name in inspect.signature(of_cluster).parameters}
    told = {**found, "sops_age": split(given["sops_age"]), "kubectl": kubectl.options(given)}
    return {name: value for name, value in told.items() if value not in (None, False, (), [])}


def visibility(*, private: bool | None) -> str | None:
    return None if private is None else "private" if private else "public"


def run(command: str, work: "Callable[..., Report]", given: Mapping[str, Any]) -> NoReturn:
    """Runs a command with the flags that every run has."""
    dry_run = given["dry_run"]

    def checked(console: "Console", *, dry_run: bool) -> "Report":
        kubectl.refuse(given)
        return work(console, dry_run=dry_run)

    change.run(command, checked, given, output=given["output"], dry_run=dry_run)
