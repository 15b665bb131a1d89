"""`add-app`'s flags as the fields of a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scaffolder.cli.options import split
from scaffolder.cli.work import sources
from scaffolder.cli.work.pairs import named, object_named
from scaffolder.errors import UsageError

Fields = dict[str, Any]
Many = list[str] | None

SOURCES: Final = ("chart", "git", "oci", "bucket", "manifests", "image")
# flag -> the sources that it goes with; the others go with all
FITS: Final = {
    "repo": ("chart",),
    "version": ("chart",),
    "values": ("chart",),
    "set_values": ("chart",),
    "values_from": ("chart",),
    "release_name": ("chart",),
    "crds": ("chart",),
    "branch": ("git",),
    "commit": ("git",),
    "tag": ("git", "oci", "image"),
    "semver": ("git", "oci"),
    "digest": ("oci",),
    "path": ("git", "oci", "bucket"),
    "endpoint": ("bucket",),
    "region": ("bucket",),
    "provider": ("chart", "oci", "bucket"),
    "insecure": ("oci", "bucket"),
    "secret_ref": ("chart", "git", "oci", "bucket"),
    "port": ("image",),
    "replicas": ("image",),
}


@dataclass(frozen=True)
class App:
    """An app in flags, as they were given; the fields are named after the flags."""

    name: str
    chart: str | None = None
    git: str | None = None
    oci: str | None = None
    bucket: str | None = None
    manifests: Path | None = None
    image: str | None = None
    source: Path | None = None
    repo: str | None = None
    version: Many = None
    values: Many = None
    set_values: Many = None
    values_from: Many = None
    release_name: str | None = None
    crds: str | None = None
    branch: str | None = None
    tag: Many = None
    semver: Many = None
    commit: str | None = None
    digest: Many = None
    path: str | None = None
    endpoint: str | None = None
    region: str | None = None
    provider: str | None = None
    insecure: bool = False
    secret_ref: str | None = None
    port: int | None = None
    replicas: Many = None
    patch: Many = None
    namespace: str | None = None
    create_namespace: bool = False
    environment: Many = None
    cluster: Many = None
    interval: str | None = None
    retry_interval: str | None = None
    timeout: str | None = None
    depends_on: Many = None
    health_check: Many = None
    wait: bool | None = None
    prune: bool | None = None
    suspend: bool = False
    service_account: str | None = None
    target_namespace: str | None = None
    substitute: Many = None
    substitute_from: Many = None

    @property
    def given(self) -> list[str]:
        """The flags that say something, by field."""
        return [name for name, value in vars(self).items() if name != "name" and _says_something(value)]


def _says_something(value: object) -> bool:
    return value is not None and value is not False and value not in ([], ())


def fields(asked: App, known: Sequence[str]) -> Fields:
    """The document's fields; `known` are the environments that there are.

    Raises:
        UsageError: no source or several, flags that do not go with it, a value that is none.
        DocumentError: a values file that is wrong.
    """
    kind = _source(asked)
    source, overlays = sources.fields(asked, kind, known)
    return {
        "namespace": asked.namespace,
        "environments": split(asked.environment),
        "clusters": split(asked.cluster),
        **source,
        **_settings(asked),
        "overlays": {name: overlays[name] for name in known if name in overlays},
    }


def _source(asked: App) -> str:
    given = [kind for kind in SOURCES if getattr(asked, kind) is not None]
    if len(given) != 1:
        flags = ", ".join(f"--{kind}" for kind in SOURCES)
        raise UsageError(f"an app has one source: give one of {flags}", hint="or a document with --from FILE")
    for name in asked.given:
        if given[0] not in FITS.get(name, given):
            raise UsageError(f"{flag(name)} does not go with --{given[0]}")
    return given[0]


def flag(name: str) -> str:
    """The flag of a field: `--set` of `set_values`."""
    return {"set_values": "--set", "source": "--from"}.get(name, f"--{name.replace('_', '-')}")


def _settings(asked: App) -> Fields:
    """How Flux applies it; empty ones are left out when the document is written."""
    post_build = {
        "substitute": named("--substitute", asked.substitute or ()),
        "substituteFrom": [object_named("--substitute-from", text) for text in split(asked.substitute_from)],
    }
    return {
        "interval": asked.interval,
        "retryInterval": asked.retry_interval,
        "timeout": asked.timeout,
        "suspend": asked.suspend or None,
        "dependsOn": [{"name": name} for name in split(asked.depends_on)],
        "prune": asked.prune,
        "wait": asked.wait,
        "healthChecks": [_health_check(text) for text in split(asked.health_check)],
        "serviceAccountName": asked.service_account,
        "targetNamespace": asked.target_namespace,
        "postBuild": {key: value for key, value in post_build.items() if value},
    }


def _health_check(text: str) -> Fields:
    """As Flux takes it: `Deployment/web.prod`."""
    found = object_named("--health-check", text)
    name, dot, namespace = found["name"].partition(".")
    return {**found, "name": name, **({"namespace": namespace} if dot else {})}
