"""The kinds of documents as frozen records. Field names are Flux's own where Flux has the word.

Every field has its default here and its meaning in `description`; the JSON Schema and the reference are made from
them. What needs more than one document to judge is in `rules.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from scaffolder.spec.types import (
    CLOSED,
    ChartUrl,
    Commit,
    Domain,
    Duration,
    FullRef,
    GitName,
    GitUrl,
    Kubernetes,
    Name,
    Names,
    OverlayValues,
    Text,
    Texts,
    Values,
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


def _about(description: str, default: Any = None) -> Any:
    return Field(default, description=description)


KIND: Final = Field(description="What the document is.")


class Record(BaseModel):
    """Strict and frozen: an unknown field, or a number where text must stand, is an error."""

    model_config: ClassVar = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=to_camel,
    )


class Reference(Record):
    """Another object, by name."""

    name: Name = Field(description="Its name.")


class Repository(Record):
    url: GitUrl | None = _about("Where Flux fetches the repository: https, http or ssh. Unset until a forge has it.")
    branch: GitName = _about("The branch that Flux follows.", "main")
    visibility: Visibility = _about("Who may see the repository on its forge.", "private")


class ComponentOptions(Record):
    """What goes into one cluster's `gotk-components.yaml`; the names are `flux bootstrap`'s flags in camelCase."""

    version: Text | None = _about("Flux release, such as v2.9.4.")
    components: Texts | None = _about("Controllers to install; the order is kept.")
    components_extra: Texts | None = _about("Controllers beside `components`, e.g. image-reflector-controller.")
    registry: str | None = _about("Registry of the controller images.")
    image_pull_secret: Name | None = _about("Secret with the registry's credentials.")
    toleration_keys: Texts | None = _about("Keys of taints that the controllers tolerate.")
    network_policy: bool | None = _about("Whether to install Flux's network policies.")
    log_level: LogLevel | None = _about("Log level of the controllers.")
    watch_all_namespaces: bool | None = _about("Whether the controllers watch every namespace.")
    cluster_domain: Domain | None = _about("Internal domain of the cluster.")


class Flux(ComponentOptions):
    namespace: Name = _about("Namespace of the controllers; names their folder and objects too.", "flux-system")
    secret_name: Name = _about("Secret with the credentials for the repository.", "flux-system")
    interval: Duration = _about("How often Flux looks at the repository.", "1m0s")
    recurse_submodules: bool = _about("Whether Flux clones submodules too.", default=False)


class Document(Record):
    name: Name = Field(description="Its name, unique among documents of its kind.")


class Platform(Document):
    """What all environments share. There is exactly one."""

    kind: Literal["platform"] = KIND
    templates: Text | None = _about("Version of the templates; `new` writes it.")
    kubernetes: Kubernetes | None = _about('Oldest Kubernetes minor in use, such as "1.33".')
    domain: Domain | None = _about("Default of the variable DOMAIN.")
    variables: Variables = _about("Variables of every cluster, with their defaults.", {})
    repository: Repository = _about("The repository itself.", Repository())
    flux: Flux = _about("Flux: version and options as `flux bootstrap` has them.", Flux())


class Environment(Document):
    """A stage such as dev or prod: clusters that get the same things."""

    kind: Literal["environment"] = KIND
    after: Name | None = _about("The environment that changes come from.")
    ref: FullRef | None = _about("What is followed here instead of the branch, e.g. refs/tags/v1.0.0.")
    domain: Domain | None = _about("DOMAIN in this environment.")
    variables: Variables = _about("Values that differ in this environment.", {})
    flux: ComponentOptions = _about("Flux options that differ in this environment.", ComponentOptions())


class Cluster(Document):
    """One cluster, with its own folder that its Flux watches."""

    kind: Literal["cluster"] = KIND
    environment: Name = Field(description="The environment it belongs to.")
    path: Text | None = _about("Its folder; clusters/<environment>/<name> unless set.")
    ref: FullRef | None = _about("What is followed by this cluster alone.")
    domain: Domain | None = _about("DOMAIN on this cluster.")
    variables: Variables = _about("Values that differ on this cluster.", {})
    flux: ComponentOptions = _about("Flux options that differ on this cluster.", ComponentOptions())


class Tenant(Document):
    """A namespace and what belongs to it, in all environments or in those named."""

    kind: Literal["tenant"] = KIND
    environments: Names | None = _about("Where it lives; all environments, future ones too, unless set.")


class Chart(Record):
    """A Helm chart in an HTTP repository, or in an OCI registry (then `url` ends in its name)."""

    name: Text | None = _about("Name of the chart in its HTTP repository; not with oci://.")
    url: ChartUrl = Field(description="https://… of the repository, or oci://…/chart.")
    version: Text | None = _about("Version or semver range; the newest unless set.")
    interval: Duration = _about("How often Flux looks for new versions.", "1h0m0s")
    secret_ref: Reference | None = _about("Secret with the credentials, in the app's namespace.")

    @property
    def oci(self) -> bool:
        return self.url.startswith("oci://")

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        if self.oci and self.name:
            raise ValueError("must not have `name`: an oci:// URL ends in the chart's")
        if not self.oci and not self.name:
            raise ValueError("must have `name`, the chart's in its repository")
        return self


class GitRef(Record):
    """What to follow in a Git repository: one of these."""

    branch: GitName | None = _about("A branch.")
    tag: GitName | None = _about("A tag.")
    semver: Text | None = _about("A range of versions among the tags.")
    commit: Commit | None = _about("A commit, in full.")
    name: Text | None = _about("A full reference, e.g. refs/pull/1/head.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = sorted(self.model_dump(exclude_none=True))
        if not given or (len(given) > 1 and given != ["branch", "commit"]):
            raise ValueError("takes one of branch, tag, semver, commit, name (or commit together with its branch)")
        return self


class Git(Record):
    """A folder of Kubernetes manifests or a kustomization in a Git repository."""

    url: GitUrl = Field(description="The repository.")
    ref: GitRef = _about("What to follow in it.", GitRef(branch="main"))
    path: Text = _about("The folder in the repository.", "./")
    interval: Duration = _about("How often Flux looks at the repository.", "1m0s")
    secret_ref: Reference | None = _about("Secret with the credentials, in the app's namespace.")


class Overlay(Record):
    """What differs in one environment."""

    version: Text | None = _about("Version of the chart.")
    values: OverlayValues = _about("Helm values laid over the app's: maps merge, lists are replaced.", {})
    ref: GitRef | None = _about("What to follow in the app's Git repository.")
    path: Text | None = _about("The folder in the app's Git repository.")
    suspend: bool | None = _about("Whether Flux leaves the app as it is.")


class App(Document):
    """A workload, from one source, in all environments or in those named."""

    kind: Literal["app"] = KIND
    namespace: Name | None = _about("Where it runs; a namespace of its own name unless set.")
    environments: Names | None = _about("Where it runs; all environments, future ones too, unless set.")
    chart: Chart | None = _about("Source: a Helm chart.")
    git: Git | None = _about("Source: a Git repository.")
    values: Values = _about("Helm values.", {})
    interval: Duration = _about("How often Flux puts right what differs from Git.", "1h0m0s")
    retry_interval: Duration = _about("How soon Flux tries again after a failure.", "1m0s")
    timeout: Duration = _about("How long one try may take.", "5m0s")
    suspend: bool = _about("Whether Flux leaves the app as it is.", default=False)
    depends_on: Annotated[tuple[Reference, ...], Field(strict=False)] = _about("Apps that must be ready first.", ())
    overlays: Annotated[dict[Name, Overlay], CLOSED] = _about("What differs, by environment.", {})

    SOURCES: ClassVar = ("chart", "git")

    @property
    def source(self) -> str:
        """Which of its sources it has, e.g. `chart`."""
        return next(name for name in self.SOURCES if getattr(self, name) is not None)

    @property
    def home(self) -> str:
        """The namespace that it runs in."""
        return self.namespace or self.name

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in self.SOURCES if getattr(self, name) is not None]
        if len(given) != 1:
            have = " and ".join(f"`{name}`" for name in given) or "none"
            raise ValueError(f"takes one source, `chart` or `git`; it has {have}")
        return self


AnyDocument = Platform | Environment | Cluster | Tenant | App
KINDS: Final[dict[str, type[AnyDocument]]] = {
    "platform": Platform,
    "environment": Environment,
    "cluster": Cluster,
    "tenant": Tenant,
    "app": App,
}
