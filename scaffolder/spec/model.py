"""The kinds of documents as frozen records. Field names are Flux's own where Flux has the word.

Every field has its default here and its meaning in `description`; the JSON Schema and the reference are made from
them. What needs more than one document to judge is in `rules.py`.
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from scaffolder.spec.app import App
from scaffolder.spec.record import KIND, Document, Record, about
from scaffolder.spec.types import (
    Domain,
    Duration,
    FullRef,
    GitName,
    GitUrl,
    Hostname,
    Kubernetes,
    Name,
    Names,
    Owners,
    Text,
    Texts,
    Variables,
)

RESERVED_ENVIRONMENTS: Final = frozenset({"base", "flux", "pin", "namespace", "install"})
LAYERS: Final = ("crds", "controllers", "configs", "tenants", "argocd", "apps", "cluster-apps")
RESERVED_APPS: Final = frozenset({"flux-system", "fleet", "cluster-vars", "base", *LAYERS})
MISREAD_APPS: Final = frozenset(
    {"kustomization", "cloudbuild"}
)  # with .yaml, a file that kustomize or Flux takes amiss
FURNISHED: Final = frozenset({"default", "flux-system", "kube-system", "kube-public", "kube-node-lease"})

LogLevel = Literal["debug", "info", "error"]
Visibility = Literal["private", "internal", "public"]
ForgeKind = Literal["github", "gitlab", "gitea"]


class Protection(Record):
    approvals: int = Field(1, ge=0, le=6, description="How many people have to approve a change request.")
    code_owners: bool = about("Whether those whom CODEOWNERS names have to approve, too.", default=False)


class Repository(Record):
    url: GitUrl | None = about("Where Flux fetches the repository: https, http or ssh. Unset until a forge has it.")
    branch: GitName = about("The branch that Flux follows.", "main")
    visibility: Visibility = about("Who may see the repository on its forge.", "private")
    forge: ForgeKind | None = about("The forge with an API that it is on; `bootstrap` writes it.")
    hostname: Hostname | None = about("Where the forge is, with a port or a path, unless the URL's host says it.")
    checks: bool = about("Whether it brings its checks along, for the forge's CI.", default=True)
    protection: Protection | None = about("Rules for the branch: changes come by change request, checks have to pass.")


class ComponentOptions(Record):
    """What goes into one cluster's `gotk-components.yaml`; the names are `flux bootstrap`'s flags in camelCase."""

    version: Text | None = about("Flux release, such as v2.9.4.")
    components: Texts | None = about("Controllers to install; the order is kept.")
    components_extra: Texts | None = about("Controllers beside `components`, e.g. image-reflector-controller.")
    registry: str | None = about("Registry of the controller images.")
    image_pull_secret: Name | None = about("Secret with the registry's credentials.")
    toleration_keys: Texts | None = about("Keys of taints that the controllers tolerate.")
    network_policy: bool | None = about("Whether to install Flux's network policies.")
    log_level: LogLevel | None = about("Log level of the controllers.")
    watch_all_namespaces: bool | None = about("Whether the controllers watch every namespace.")
    cluster_domain: Domain | None = about("Internal domain of the cluster.")


class Flux(ComponentOptions):
    namespace: Name = about("Namespace of the controllers; names their folder and objects too.", "flux-system")
    secret_name: Name = about("Secret with the credentials for the repository.", "flux-system")
    interval: Duration = about("How often Flux looks at the repository.", "1m0s")
    recurse_submodules: bool = about("Whether Flux clones submodules too.", default=False)
    sparse_checkout: Texts = about("The folders that Flux fetches; all of them unless set. From Flux 2.6 on.", ())


class Platform(Document):
    """What all environments share. There is exactly one."""

    kind: Literal["platform"] = KIND
    templates: Text | None = about("Version of the templates; `new` writes it.")
    kubernetes: Kubernetes | None = about('Oldest Kubernetes minor in use, such as "1.33".')
    domain: Domain | None = about("Default of the variable DOMAIN.")
    variables: Variables = about("Variables of every cluster, with their defaults.", {})
    lockdown: bool = about("Whether apps are kept to their namespaces, each applied as its own account.", default=False)
    owners: Owners = about("Whose approval a change needs, as CODEOWNERS names them, such as @acme/platform.", ())
    repository: Repository = about("The repository itself.", Repository())
    flux: Flux = about("Flux: version and options as `flux bootstrap` has them.", Flux())

    @property
    def hands_down_login(self) -> bool:
        """Whether every namespace gets the credentials of the repository: it fetches that itself, and not in public."""
        return self.lockdown and self.repository.visibility != "public"


class Environment(Document):
    """A stage such as dev or prod: clusters that get the same things."""

    kind: Literal["environment"] = KIND
    after: Name | None = about("The environment that changes come from.")
    ref: FullRef | None = about("What is followed here instead of the branch, e.g. refs/tags/v1.0.0.")
    domain: Domain | None = about("DOMAIN in this environment.")
    variables: Variables = about("Values that differ in this environment.", {})
    flux: ComponentOptions = about("Flux options that differ in this environment.", ComponentOptions())


class Cluster(Document):
    """One cluster, with its own folder that its Flux watches."""

    kind: Literal["cluster"] = KIND
    environment: Name = Field(description="The environment it belongs to.")
    path: Text | None = about("Its folder; clusters/<environment>/<name> unless set.")
    moved_from: Text | None = about("The folder that it had before; `move` writes it, and leaves the way there.")
    ref: FullRef | None = about("What is followed by this cluster alone.")
    domain: Domain | None = about("DOMAIN on this cluster.")
    variables: Variables = about("Values that differ on this cluster.", {})
    flux: ComponentOptions = about("Flux options that differ on this cluster.", ComponentOptions())


class Tenant(Document):
    """A namespace and what belongs to it, in all environments, in those named, or on single clusters."""

    kind: Literal["tenant"] = KIND
    environments: Names | None = about("Where it lives; all environments, future ones too, unless set.")
    clusters: Names | None = about("Single clusters that it lives on, instead of environments or beside them.")
    owners: Owners = about("Whose approval a change of its folders needs, instead of the platform's owners.", ())


AnyDocument = Platform | Environment | Cluster | Tenant | App
KINDS: Final[dict[str, type[AnyDocument]]] = {
    "platform": Platform,
    "environment": Environment,
    "cluster": Cluster,
    "tenant": Tenant,
    "app": App,
}
