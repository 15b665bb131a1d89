"""`flux bootstrap`'s flags that every `bootstrap` has, each said once."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from scaffolder.cli.options import split

Branch = Annotated[str | None, typer.Option(metavar="BRANCH", help="Git branch. [main]")]
ClusterPath = Annotated[str | None, typer.Option(metavar="FOLDER", help="The cluster's folder in the repository.")]
Interval = Annotated[str | None, typer.Option(metavar="DURATION", help="Sync interval. [1m0s]")]
FluxVersion = Annotated[
    str | None, typer.Option("--version", "-v", metavar="VERSION", help="Flux release. [the newest known]")
]
Components = Annotated[
    list[str] | None, typer.Option(metavar="NAMES", help="Components, with commas or repeated. [Flux's four]")
]
ComponentsExtra = Annotated[list[str] | None, typer.Option(metavar="NAMES", help="Components beside the default ones.")]
Registry = Annotated[
    str | None, typer.Option(metavar="HOST/PATH", help="Registry of the controllers' images. [ghcr.io/fluxcd]")
]
ImagePullSecret = Annotated[str | None, typer.Option(metavar="NAME", help="Secret with the registry's credentials.")]
TolerationKeys = Annotated[
    list[str] | None, typer.Option(metavar="KEYS", help="Keys of taints that the controllers tolerate.")
]
NetworkPolicy = Annotated[
    bool | None, typer.Option("--network-policy/--no-network-policy", help="Network policies. [yes]")
]
LogLevel = Annotated[str | None, typer.Option(metavar="LEVEL", help="debug, info or error. [info]")]
WatchAllNamespaces = Annotated[
    bool | None, typer.Option("--watch-all-namespaces/--no-watch-all-namespaces", help="Watch every namespace. [yes]")
]
ClusterDomain = Annotated[
    str | None, typer.Option(metavar="DOMAIN", help="Internal domain of the cluster. [cluster.local]")
]
Namespace = Annotated[
    str | None,
    typer.Option(
        "--namespace", "-n", metavar="NAME", envvar="FLUX_SYSTEM_NAMESPACE", help="Namespace of Flux. [flux-system]"
    ),
]
SecretName = Annotated[
    str | None, typer.Option(metavar="NAME", help="Secret with the repository's credentials. [flux-system]")
]
RecurseSubmodules = Annotated[
    bool | None, typer.Option("--recurse-submodules/--no-recurse-submodules", help="Clone submodules. [no]")
]
SparseCheckout = Annotated[list[str] | None, typer.Option(metavar="FOLDERS", help="Fetch these folders alone. [all]")]
CommitMessageAppendix = Annotated[
    str, typer.Option(metavar="TEXT", help="Text after each commit message, e.g. [ci skip].")
]

Apply = Annotated[
    bool,
    typer.Option(
        "--apply/--no-apply",
        help="Also do the cluster's part: Flux, its secret, and wait for both. [print the commands]",
        show_default=False,
    ),
]
Kubeconfig = Annotated[
    Path | None, typer.Option(metavar="FILE", help="With --apply: how to reach the cluster. [kubectl's own]")
]
Context = Annotated[str | None, typer.Option(metavar="NAME", help="With --apply: the kubeconfig's context. [current]")]
Timeout = Annotated[str | None, typer.Option(metavar="DURATION", help="With --apply: for all waits together. [5m0s]")]
Force = Annotated[
    bool,
    typer.Option(
        "--force/--no-force",
        help="With --apply: take over a Flux that another tool installed. [no]",
        show_default=False,
    ),
]
SshKeyAlgorithm = Annotated[
    str | None, typer.Option(metavar="NAME", help="Of the cluster's new key: rsa, ecdsa or ed25519. [ecdsa]")
]
SshRsaBits = Annotated[int | None, typer.Option(metavar="BITS", help="Of an RSA key, a multiple of 8. [2048]")]
SshEcdsaCurve = Annotated[str | None, typer.Option(metavar="NAME", help="p256, p384 or p521. [p384]")]

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
    from scaffolder.cli.work.commits import Author

    flux = {field: split(given[name]) if name in LISTS else given[name] for name, field in FIELDS.items()}
    return {
        "branch": given["branch"],
        "path": given["path"],
        "flux": {field: value for field, value in flux.items() if value not in (None, [])},
        "manifests": given["manifests"],
        "appendix": given["commit_message_appendix"],
        "author": Author(given["author_name"], given["author_email"]),
    }


# parameters about the cluster
OF_CLUSTER: Final = (
    *("apply", "kubeconfig", "context", "timeout", "force"),
    *("ssh_key_algorithm", "ssh_rsa_bits", "ssh_ecdsa_curve"),
)


def of_cluster(given: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a command's parameters that are about the cluster, without those that are not given."""
    return {name: given[name] for name in OF_CLUSTER if given[name] not in (None, False)}
