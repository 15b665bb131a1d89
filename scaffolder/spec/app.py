"""Apps: a source, how Flux applies it, and what differs by environment. Field names are Flux's own."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from scaffolder.spec.kustomized import Expression, patch_problem
from scaffolder.spec.record import KIND, Document, Record, Reference, about
from scaffolder.spec.sources import Bucket, Chart, Git, Image, Manifests, Oci, Ref
from scaffolder.spec.types import (
    CLOSED,
    Block,
    Digest,
    Duration,
    ImageName,
    Name,
    NameOrNone,
    Names,
    OverlayValues,
    Replicas,
    Substitutes,
    Tag,
    Text,
    Values,
)

ACCOUNT: Final = "flux"  # under lockdown, the ServiceAccount of every namespace that Flux applies its apps as


class Target(Record):
    """Which objects a patch is for; regular expressions match whole names."""

    group: Expression | None = about("API group.")
    version: Expression | None = about("API version.")
    kind: Expression | None = about("Kind.")
    name: Expression | None = about("Name.")
    namespace: Expression | None = about("Namespace.")
    label_selector: Text | None = about("Labels, as `kubectl get -l` takes them.")
    annotation_selector: Text | None = about("Annotations, in the same form.")


class Patch(Record):
    """A strategic merge patch, or JSON 6902 operations with a target, as kustomize takes them."""

    patch: Block = Field(description="The patch, as YAML text.")
    target: Target | None = about("Which objects it is for; a merge patch may name its own.")

    @model_validator(mode="after")
    def _can_be_taken(self) -> Self:
        if problem := patch_problem(self.patch, targeted=self.target is not None):
            raise ValueError(problem)
        return self


class ImageChange(Record):
    """Another image, or another version of it, wherever it stands in the manifests."""

    name: ImageName = Field(description="The image as it is in the manifests, without its tag.")
    new_name: ImageName | None = about("The image to use instead.")
    new_tag: Tag | None = about("The tag to use instead.")
    digest: Digest | None = about("The digest to use instead of a tag.")

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not (self.new_name or self.new_tag or self.digest):
            raise ValueError("must have newName, newTag or digest: else it changes nothing")
        return self


class ReplicaCount(Record):
    """How many pods of a workload run."""

    name: Name = Field(description="Name of the Deployment, StatefulSet or ReplicaSet.")
    count: Replicas = Field(description="How many pods.")


class HealthCheck(Record):
    """An object that must be ready before the app is."""

    api_version: Text | None = about("Its apiVersion.")
    kind: Text = Field(description="Its kind, e.g. Deployment.")
    name: Text = Field(description="Its name.")
    namespace: NameOrNone | None = about('Its namespace; the app\'s unless set, "" for an object without one.')


class SubstituteFrom(Record):
    """A ConfigMap or Secret in the app's namespace whose keys are variables."""

    kind: Literal["ConfigMap", "Secret"] = Field(description="What it is.")
    name: Name = Field(description="Its name.")
    optional: bool = about("Whether it may be missing.", default=False)


class PostBuild(Record):
    """Variables that Flux puts in for ${NAME}, in the app's manifests."""

    substitute: Substitutes = about("Names and values.", {})
    substitute_from: Annotated[tuple[SubstituteFrom, ...], Field(strict=False)] = about("Where more come from.", ())


class ValuesFrom(Record):
    """Helm values in a ConfigMap or Secret in the app's namespace."""

    kind: Literal["ConfigMap", "Secret"] = Field(description="What it is.")
    name: Name = Field(description="Its name.")
    values_key: Text | None = about("Its key that holds them; values.yaml unless set.")
    target_path: Text | None = about("The one value that it is, e.g. db.password.")
    optional: bool = about("Whether it may be missing.", default=False)


Patches = Annotated[tuple[Patch, ...], Field(strict=False)]
Images = Annotated[tuple[ImageChange, ...], Field(strict=False)]
ReplicaCounts = Annotated[tuple[ReplicaCount, ...], Field(strict=False)]


class Changes(Record):
    """What an app and its overlays change in manifests."""

    patches: Patches = about("Patches of its objects, as kustomize takes them.", ())
    images: Images = about("Images to use instead of those in the manifests.", ())
    replicas: ReplicaCounts = about("How many pods of its workloads run; with `manifests` and `image`.", ())


class Overlay(Changes):
    """What differs in one environment."""

    version: Text | None = about("Version of the chart.")
    values: OverlayValues = about("Helm values laid over the app's: maps merge, lists are replaced.", {})
    ref: Ref | None = about("What to follow in the app's Git repository or OCI artifact.")
    path: Text | None = about("The folder in the app's source.")
    suspend: bool | None = about("Whether Flux leaves the app as it is.")


class App(Document, Changes):
    """A workload, from one source, in all environments, in those named, or on single clusters."""

    kind: Literal["app"] = KIND
    formerly: Name | None = about("The name that it had before; its files move with people's edits in them.")
    namespace: Name | None = about("Where it runs; a namespace of its own name unless set.")
    environments: Names | None = about("Where it runs; all environments, future ones too, unless set.")
    clusters: Names | None = about("Single clusters that it runs on, instead of environments or beside them.")
    chart: Chart | None = about("Source: a Helm chart.")
    git: Git | None = about("Source: a Git repository.")
    oci: Oci | None = about("Source: an OCI artifact.")
    bucket: Bucket | None = about("Source: a bucket.")
    manifests: Manifests | None = about("Source: files in `apps/base/<name>/`; `{}`.")
    image: Image | None = about("Source: a container image.")
    values: Values = about("Helm values.", {})
    values_from: Annotated[tuple[ValuesFrom, ...], Field(strict=False)] = about("Where more Helm values come from.", ())
    release_name: Name | None = about("Name of the Helm release.")
    crds: Literal["Skip", "Create", "CreateReplace"] | None = about("What upgrades do with the chart's CRDs.")
    interval: Duration = about("How often Flux puts right what differs from Git.", "1h0m0s")
    retry_interval: Duration = about("How soon Flux tries again after a failure.", "1m0s")
    timeout: Duration = about("How long one try may take.", "5m0s")
    suspend: bool = about("Whether Flux leaves the app as it is.", default=False)
    depends_on: Annotated[tuple[Reference, ...], Field(strict=False)] = about("Apps that must be ready first.", ())
    prune: bool = about("Whether Flux deletes what is no longer in the source.", default=True)
    wait: bool | None = about("Whether all its objects must be ready; yes, unless `healthChecks` names some.")
    health_checks: Annotated[tuple[HealthCheck, ...], Field(strict=False)] = about("Objects that must be ready.", ())
    service_account_name: Name | None = about("ServiceAccount that Flux applies it as.")
    target_namespace: NameOrNone | None = about(
        'The namespace of all its objects, whatever they say; the app\'s unless set, "" leaves them as they are.'
    )
    post_build: PostBuild | None = about("Variables that Flux puts in.")
    overlays: Annotated[dict[Name, Overlay], CLOSED] = about("What differs, by environment.", {})

    SOURCES: ClassVar = ("chart", "git", "oci", "bucket", "manifests", "image")

    @property
    def source(self) -> str:
        """Which of its sources it has, e.g. `chart`."""
        return next(name for name in self.SOURCES if getattr(self, name) is not None)

    @property
    def fetched(self) -> Git | Oci | Bucket | None:
        """The source that Flux fetches by itself, unless the app's manifests stand in this repository."""
        return self.git or self.oci or self.bucket

    @property
    def home(self) -> str:
        """The namespace that it runs in."""
        return self.namespace or self.name

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in self.SOURCES if getattr(self, name) is not None]
        if len(given) != 1:
            have = " and ".join(f"`{name}`" for name in given) or "none"
            known = ", ".join(self.SOURCES)
            raise ValueError(f"takes one source of {known}; it has {have}")
        return self

    @model_validator(mode="after")
    def _one_way_to_be_ready(self) -> Self:
        if self.wait and self.health_checks:
            raise ValueError("takes `wait: true` or `healthChecks`: Flux leaves the second out beside the first")
        return self
