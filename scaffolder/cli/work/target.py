"""The cluster that `--apply` is about: which one it is, and whether it is ours to install on."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from scaffolder.cli.work.flags import cluster_of, key_title
from scaffolder.errors import ClusterError, UsageError
from scaffolder.flux.versions import KUSTOMIZE, SOURCE
from scaffolder.kube.kubectl import DEFINITIONS, Kubectl, Object
from scaffolder.kube.secret import KeyOptions
from scaffolder.spec.durations import seconds
from scaffolder.spec.rules import folder

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.cli.console import Console
    from scaffolder.cli.work.flags import Asked, Loan
    from scaffolder.git.credentials import Access
    from scaffolder.spec.load import Spec

REPOSITORY: Final = f"gitrepositories.{SOURCE}"
KUSTOMIZATION: Final = f"kustomizations.{KUSTOMIZE}"
MANAGED_BY: Final = "app.kubernetes.io/managed-by"
TIMEOUT: Final = "5m0s"


@dataclass(frozen=True)
class Apply:
    """The flags about the cluster. `timeout` is in seconds, for all waits together."""

    kubeconfig: Path | None
    context: str | None
    timeout: float
    force: bool
    keys: KeyOptions


def read(flags: Mapping[str, Any]) -> Apply | None:
    """What the flags about the cluster say; None without `--apply`.

    Args:
        flags: their values under their parameters' names, without those that are not given.

    Raises:
        UsageError: one cannot be meant.
    """
    if "apply" not in flags:
        for name in flags:
            raise UsageError(f"--{name.replace('_', '-')} is about the cluster", hint="say --apply as well")
        return None
    return on_cluster(flags)


def on_cluster(flags: Mapping[str, Any]) -> Apply:
    """The same where the cluster's part is to be done anyway."""
    limit = flags.get("timeout", TIMEOUT)
    try:
        timeout = seconds(limit)
    except ValueError as error:
        raise UsageError(f"--timeout {limit}: {error}") from None
    keys = KeyOptions(
        flags.get("ssh_key_algorithm", "ecdsa"), flags.get("ssh_rsa_bits", 2048), flags.get("ssh_ecdsa_curve", "p384")
    )
    kubeconfig = flags.get("kubeconfig")
    return Apply(kubeconfig and kubeconfig.resolve(), flags.get("context"), timeout, flags.get("force", False), keys)


@dataclass(frozen=True)
class Target:
    """One cluster of the documents, and the real one that it becomes.

    It fetches the repository from `url`, with `access`; `silent` says that it may do so already, `grant` lets a public
    key do so, and `loan` makes a name and password that do.
    """

    console: Console
    kubectl: Kubectl
    spec: Spec
    cluster: str
    url: str
    access: Access
    apply: Apply
    silent: bool = False
    grant: Callable[[str], None] | None = None
    loan: Loan | None = None

    @property
    def namespace(self) -> str:
        return self.spec.platform.flux.namespace

    @property
    def secret(self) -> str:
        return f"{self.namespace}/{self.spec.platform.flux.secret_name}"

    def sync(self) -> Object | None:
        """The Kustomization that the cluster follows its folder with, as it is now."""
        return self.kubectl.get(KUSTOMIZATION, self.namespace, self.namespace)

    def credentials(self) -> Object | None:
        """The secret, as it is now."""
        return self.kubectl.get("secrets", self.spec.platform.flux.secret_name, self.namespace)

    @property
    def home(self) -> str:
        """The folder that is applied, in the repository."""
        return posixpath.join(folder(self.spec.cluster(self.cluster)), self.namespace)


def target(console: Console, spec: Spec, asked: Asked, apply: Apply) -> Target:
    """The cluster to install on, which only has been looked at.

    Raises:
        UsageError: the flags do not say which cluster of the documents it is, or with what it fetches.
        ClusterError: it cannot be reached, or is somebody else's.
    """
    cluster = cluster_of(spec, asked.path)
    if cluster is None:
        folders = ", ".join(folder(spec.cluster(name)) for name in spec.names("cluster"))
        raise UsageError("--apply needs --path: the kubeconfig is of one cluster", hint=f"the clusters: {folders}")
    if asked.url is None:
        raise UsageError("--apply: clusters cannot fetch from a folder", hint="give the --url that they see")
    console.step("connecting to the cluster")
    kubectl = Kubectl.opened(apply.kubeconfig, apply.context)
    refuse_without_rights(kubectl)
    title = key_title(spec, cluster)
    grant = partial(asked.grant, title) if asked.grant else None
    loan = asked.loan(title) if asked.loan else None
    found = Target(console, kubectl, spec, cluster, asked.url, asked.access, apply, asked.silent, grant, loan)
    _refuse_others(found)
    _refuse_other_path(found)
    _refuse_without_password(found)
    return found


def refuse_without_rights(kubectl: Kubectl) -> None:
    """Flux brings kinds of its own and rights to all; who may not is told so before anything is done."""
    for kind in (DEFINITIONS, "namespaces", "clusterrolebindings.rbac.authorization.k8s.io"):
        if not kubectl.may("create", kind):
            message = f"cluster `{kubectl.context}`: you may not create {kind.partition('.')[0]}, which Flux needs"
            raise ClusterError(message, hint="be its administrator: `kubectl auth can-i '*' '*'` has to say yes")


def _refuse_others(found: Target) -> None:
    definition = found.kubectl.get(DEFINITIONS, REPOSITORY)
    manager = definition["metadata"].get("labels", {}).get(MANAGED_BY, "flux") if definition else "flux"
    if manager != "flux" and not found.apply.force:
        raise ClusterError(f"Flux was installed on `{found.kubectl.context}` with {manager}", hint="--force takes over")


def _refuse_other_path(found: Target) -> None:
    known = found.sync()
    path = known["spec"].get("path", "./") if known else ""
    wanted = "./" + folder(found.spec.cluster(found.cluster))
    if known and path.rstrip("/") != wanted.rstrip("/"):
        message = f'sync path configuration ("{wanted}") would overwrite path ("{path}") of existing Kustomization'
        raise ClusterError(message, hint="this cluster follows another folder: see `kubectl config get-contexts`")


def _refuse_without_password(found: Target) -> None:
    open_already = found.url.startswith("ssh://") or found.access.password or found.loan
    if not open_already and not found.credentials():
        raise UsageError("--apply: the cluster needs a password as well", hint="export it as GIT_PASSWORD")
