"""Where an app comes from: one record for each kind of source. Field names are Flux's own."""

from __future__ import annotations

from typing import ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from scaffolder.spec.record import Record, Reference, about
from scaffolder.spec.types import (
    ChartUrl,
    Commit,
    Digest,
    Duration,
    Endpoint,
    GitName,
    GitUrl,
    ImageName,
    OciUrl,
    Port,
    Replicas,
    Tag,
    Text,
    Texts,
)

Provider = Literal["generic", "aws", "azure", "gcp"]
HOURLY: Final = "How often Flux looks for new versions."
CREDENTIALS: Final = "Secret with the credentials, in the app's namespace."
IGNORE: Final = "Patterns of files that Flux leaves out, as in .gitignore."


class Chart(Record):
    """A Helm chart in an HTTP repository, or in an OCI registry (then `url` ends in its name)."""

    name: Text | None = about("Name of the chart in its HTTP repository; not with oci://.")
    url: ChartUrl = Field(description="https://… of the repository, or oci://…/chart.")
    version: Text | None = about("Version or semver range; the newest unless set.")
    interval: Duration = about(HOURLY, "1h0m0s")
    provider: Provider | None = about("Whose registry it is, for its own way to sign in; only with oci://.")
    secret_ref: Reference | None = about(CREDENTIALS)
    pass_credentials: bool = about("Whether other hosts get the credentials too; not with oci://.", default=False)

    @property
    def oci(self) -> bool:
        return self.url.startswith("oci://")

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        if self.oci and self.name:
            raise ValueError("must not have `name`: an oci:// URL ends in the chart's")
        if not self.oci and not self.name:
            raise ValueError("must have `name`, the chart's in its repository")
        if self.oci and self.pass_credentials:
            raise ValueError("must not have `passCredentials`: a registry has no charts on other hosts")
        if not self.oci and self.provider:
            raise ValueError("must not have `provider`: only registries (oci://) have one")
        return self


class Ref(Record):
    """What to follow in a source: one of these."""

    branch: GitName | None = about("A branch; Git only.")
    tag: GitName | None = about("A tag.")
    semver: Text | None = about("A range of versions among the tags.")
    commit: Commit | None = about("A commit, in full; Git only.")
    name: Text | None = about("A full reference, e.g. refs/pull/1/head; Git only.")
    digest: Digest | None = about("A digest, sha256:…; OCI only.")

    @property
    def given(self) -> dict[str, str]:
        """What is set, e.g. `{"tag": "v1"}`."""
        return self.model_dump(exclude_none=True)

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = sorted(self.given)
        if not given or (len(given) > 1 and given != ["branch", "commit"]):
            raise ValueError(
                "takes one of branch, tag, semver, commit, name, digest (or commit together with its branch)"
            )
        return self


class Git(Record):
    """A folder of Kubernetes manifests or a kustomization in a Git repository."""

    url: GitUrl = Field(description="The repository.")
    ref: Ref = about("What to follow in it.", Ref(branch="main"))
    path: Text = about("The folder in the repository.", "./")
    interval: Duration = about("How often Flux looks at the repository.", "1m0s")
    secret_ref: Reference | None = about(CREDENTIALS)
    recurse_submodules: bool = about("Whether Flux clones submodules too.", default=False)
    ignore: Texts = about(IGNORE, ())

    REFS: ClassVar = ("branch", "tag", "semver", "commit", "name")


class Oci(Record):
    """A folder of Kubernetes manifests in an OCI artifact, as `flux push artifact` makes it."""

    url: OciUrl = Field(description="oci://… of the artifact, without a tag.")
    ref: Ref = about("What to follow in it.", Ref(tag="latest"))
    path: Text = about("The folder in the artifact.", "./")
    interval: Duration = about(HOURLY, "1m0s")
    provider: Provider | None = about("Whose registry it is, for its own way to sign in.")
    secret_ref: Reference | None = about(CREDENTIALS)
    insecure: bool = about("Whether the registry speaks plain HTTP.", default=False)
    ignore: Texts = about(IGNORE, ())

    REFS: ClassVar = ("tag", "semver", "digest")


class Bucket(Record):
    """A folder of Kubernetes manifests in a bucket of an object store."""

    bucket_name: Text = Field(description="The bucket.")
    endpoint: Endpoint = Field(description="HOST[:PORT] of the object store.")
    path: Text = about("The folder in the bucket.", "./")
    interval: Duration = about("How often Flux looks at the bucket.", "1m0s")
    provider: Provider | None = about("Whose object store it is, for its own way to sign in.")
    region: Text | None = about("The region of the bucket.")
    prefix: Text | None = about("Only objects whose keys begin with this.")
    secret_ref: Reference | None = about(CREDENTIALS)
    insecure: bool = about("Whether the object store speaks plain HTTP.", default=False)
    ignore: Texts = about(IGNORE, ())


class Image(Record):
    """A container image: a Deployment of it, and a Service where it has a port, are written out."""

    name: ImageName = Field(description="The image without a tag, e.g. ghcr.io/stefanprodan/podinfo.")
    tag: Tag = Field(description="Its tag.")
    port: Port | None = about("The port that it listens on; with one it gets a Service.")
    replicas: Replicas = about("How many pods of it run.", 1)


class Manifests(Record):
    """Kubernetes manifests or a kustomization that stand in `apps/base/<app>/`, as people put them there."""
