"""The cluster that `--apply` is about: which one it is, and whether it is ours to install on."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scaffolder.cli.work.bootstrap.flags import fetching, key_title
from scaffolder.cli.work.bootstrap.secretfile import SecretFile
from scaffolder.errors import ClusterError, UsageError
from scaffolder.flux import options
from scaffolder.flux.versions import KUSTOMIZE, SOURCE
from scaffolder.kube.kubectl import DEFINITIONS, Kubectl, Object
from scaffolder.kube.secret import Credentials, KeyOptions, of_registry
from scaffolder.spec.durations import seconds
from scaffolder.spec.rules import folder

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.cli.work.bootstrap.asked import Asked, Loan
    from scaffolder.flux.components import Install
    from scaffolder.git.credentials import Access
    from scaffolder.spec.load import Spec

REPOSITORY: Final = f"gitrepositories.{SOURCE}"
KUSTOMIZATION: Final = f"kustomizations.{KUSTOMIZE}"
MANAGED_BY: Final = "app.kubernetes.io/managed-by"
TIMEOUT: Final = "5m0s"
OF_FILE: Final = frozenset(
    {"secret_file", "sops_age", "registry_creds", "ssh_key_algorithm", "ssh_rsa_bits", "ssh_ecdsa_curve"}
)
REGISTRY: Final = "FLUX_REGISTRY_CREDS"


@dataclass(frozen=True)
class Apply:
    """The flags about the cluster. `timeout` is in seconds, for all waits together; `options` are kubectl's own.

    `registry_login` is user and password of the registry that the controllers' images come from.
    """

    kubeconfig: Path | None
    context: str | None
    timeout: float
    force: bool
    keys: KeyOptions
    options: tuple[str, ...] = ()
    registry_login: tuple[str, str] | None = field(default=None, repr=False)


def read(flags: Mapping[str, Any]) -> Apply | SecretFile | None:
    """What the flags about the cluster say; None without `--apply` and `--secret-file`.

    Args:
        flags: their values under their parameters' names, without those that are not given.

    Raises:
        UsageError: one cannot be meant.
    """
    login = flags.get("registry_creds") or os.environ.get(REGISTRY, "")
    if "secret_file" in flags:
        return _secret_file(flags, _login(login) if login else None)
    if "apply" not in flags:
        for name in flags:
            flag = flags["kubectl"][0].partition("=")[0] if name == "kubectl" else f"--{name.replace('_', '-')}"
            raise UsageError(f"{flag} is about the cluster", hint="say --apply as well")
        return None
    return replace(on_cluster(flags), registry_login=_login(login) if login else None)


def _secret_file(flags: Mapping[str, Any], login: tuple[str, str] | None) -> SecretFile:
    """The flags about a file, with which no cluster is reached."""
    if others := sorted(flags.keys() - OF_FILE):
        flag = f"--{others[0].replace('_', '-')}"
        raise UsageError(
            f"--secret-file does not go with {flag}", hint="it is instead of --apply: no cluster is reached"
        )
    place = Path(os.path.abspath(flags["secret_file"]))  # noqa: PTH100  `..` is to go away, links are to stay
    return SecretFile(place, tuple(flags.get("sops_age", ())), on_cluster(flags).keys, login)


def _login(said: str) -> tuple[str, str]:
    user, colon, password = said.partition(":")
    if not (user and colon and password) or ":" in password:
        raise UsageError("invalid --registry-creds format, expected 'user:password'", hint=f"or export {REGISTRY}")
    return user, password


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
    where = (kubeconfig and kubeconfig.resolve(), flags.get("context"))
    return Apply(*where, timeout, flags.get("force", False), keys, flags.get("kubectl", ()))


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
    def pull_secret(self) -> Credentials | None:
        """What lets the cluster pull the controllers' images, if the flags say it; the options name it."""
        if self.apply.registry_login is None:
            return None
        return of_registry(self.install.registry, *self.apply.registry_login)

    @property
    def install(self) -> Install:
        return options.install(self.spec, self.spec.cluster(self.cluster))

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
    cluster, url = fetching(spec, asked, "--apply")
    console.step("connecting to the cluster")
    kubectl = Kubectl.opened(apply.kubeconfig, apply.context, apply.options)
    refuse_without_rights(kubectl)
    title = key_title(spec, cluster)
    grant = partial(asked.grant, title) if asked.grant else None
    loan = asked.loan(title) if asked.loan else None
    found = Target(console, kubectl, spec, cluster, url, asked.access, apply, asked.silent, grant, loan)
    _refuse_others(found)
    _refuse_other_path(found)
    _refuse_without_password(found)
    _refuse_without_pull_secret(found)
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


def _refuse_without_pull_secret(found: Target) -> None:
    if found.pull_secret and not found.install.image_pull_secret:
        raise UsageError("--registry-creds requires --image-pull-secret to be set", hint="it names the secret")
