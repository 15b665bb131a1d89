"""`add-app`: an app from any kind of source, and what `flux create` would be told of it."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from scaffolder.cli import change_options as change
from scaffolder.cli.options import Clusters, DryRun, Environments, Name, Output, OutputFormat, taking

Many = list[str] | None


@taking(change.of_change_request)
def add_app(
    name: Name,
    chart: Annotated[
        str | None, typer.Option(metavar="CHART", help="A Helm chart: its name in --repo, or oci://HOST/CHART.")
    ] = None,
    git: Annotated[str | None, typer.Option(metavar="URL", help="A Git repository with manifests.")] = None,
    oci: Annotated[str | None, typer.Option(metavar="URL", help="An OCI artifact with manifests: oci://….")] = None,
    bucket: Annotated[str | None, typer.Option(metavar="NAME", help="A bucket with manifests.")] = None,
    manifests: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Manifests or a kustomization to copy in.")
    ] = None,
    image: Annotated[
        str | None, typer.Option(metavar="NAME:TAG", help="A container image; a Deployment of it is written out.")
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="A document of kind app, taken as it is.")
    ] = None,
    repo: Annotated[str | None, typer.Option(metavar="URL", help="The chart's HTTP repository.")] = None,
    version: Annotated[
        Many, typer.Option(metavar="[ENV=]VERSION", help="The chart's version or range. [the newest]")
    ] = None,
    values: Annotated[Many, typer.Option(metavar="[ENV=]FILE", help="Helm values, copied into the document.")] = None,
    set_values: Annotated[
        Many, typer.Option("--set", metavar="[ENV:]KEY=VALUE", help="One Helm value, as helm's --set.")
    ] = None,
    values_from: Annotated[
        Many, typer.Option(metavar="KIND/NAME", help="Helm values in a Secret or ConfigMap of the namespace.")
    ] = None,
    release_name: Annotated[str | None, typer.Option(metavar="NAME", help="Name of the Helm release.")] = None,
    crds: Annotated[str | None, typer.Option(metavar="POLICY", help="Skip, Create or CreateReplace.")] = None,
    branch: Annotated[str | None, typer.Option(metavar="BRANCH", help="Branch of --git. [main]")] = None,
    tag: Annotated[Many, typer.Option(metavar="[ENV=]TAG", help="Tag of --git, --oci or (with ENV=) --image.")] = None,
    semver: Annotated[Many, typer.Option(metavar="[ENV=]RANGE", help="Range of the tags of --git or --oci.")] = None,
    commit: Annotated[str | None, typer.Option(metavar="SHA", help="Commit of --git, in full.")] = None,
    digest: Annotated[Many, typer.Option(metavar="[ENV=]SHA256", help="Digest of --oci.")] = None,
    path: Annotated[str | None, typer.Option(metavar="FOLDER", help="Folder in the source. [./]")] = None,
    endpoint: Annotated[str | None, typer.Option(metavar="HOST", help="The object store of --bucket.")] = None,
    region: Annotated[str | None, typer.Option(metavar="REGION", help="Region of --bucket.")] = None,
    provider: Annotated[
        str | None, typer.Option(metavar="NAME", help="generic, aws, azure or gcp: whose registry or store it is.")
    ] = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="The registry or store speaks plain HTTP.")] = False,
    secret_ref: Annotated[
        str | None, typer.Option(metavar="NAME", help="Secret with the source's credentials, in the namespace.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(metavar="PORT", help="Port of --image; with one it gets a Service.")
    ] = None,
    replicas: Annotated[Many, typer.Option(metavar="[ENV=]COUNT", help="How many pods of --image run. [1]")] = None,
    patch: Annotated[Many, typer.Option(metavar="[ENV=]FILE", help="A patch, copied into the document.")] = None,
    namespace: Annotated[
        str | None, typer.Option("--namespace", "-n", metavar="NAME", help="Where it runs. [its own name]")
    ] = None,
    create_namespace: Annotated[
        bool, typer.Option("--create-namespace", help="Add the tenant of that name too.")
    ] = False,
    environment: Environments = None,
    cluster: Clusters = None,
    interval: Annotated[
        str | None, typer.Option(metavar="DURATION", help="How often Flux puts right what differs. [1h0m0s]")
    ] = None,
    retry_interval: Annotated[
        str | None, typer.Option(metavar="DURATION", help="How soon Flux tries again. [1m0s]")
    ] = None,
    timeout: Annotated[str | None, typer.Option(metavar="DURATION", help="How long one try may take. [5m0s]")] = None,
    depends_on: Annotated[Many, typer.Option(metavar="APP", help="An app that must be ready first.")] = None,
    health_check: Annotated[
        Many, typer.Option(metavar="KIND/NAME[.NAMESPACE]", help="An object that must be ready, instead of all.")
    ] = None,
    wait: Annotated[bool | None, typer.Option("--wait/--no-wait", help="All objects must be ready. [yes]")] = None,
    prune: Annotated[
        bool | None, typer.Option("--prune/--no-prune", help="Delete what is no longer in the source. [yes]")
    ] = None,
    suspend: Annotated[bool, typer.Option("--suspend", help="Flux leaves the app as it is.")] = False,
    service_account: Annotated[
        str | None, typer.Option(metavar="NAME", help="ServiceAccount that Flux applies it as.")
    ] = None,
    target_namespace: Annotated[
        str | None, typer.Option(metavar="NAME", help="Namespace of all its objects. [the app's]")
    ] = None,
    substitute: Annotated[
        Many, typer.Option(metavar="NAME=VALUE", help="A variable that Flux puts in, in the app's manifests.")
    ] = None,
    substitute_from: Annotated[
        Many, typer.Option(metavar="KIND/NAME", help="More variables: a ConfigMap, e.g. cluster-vars, or Secret.")
    ] = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
    *,
    given: Mapping[str, Any],
) -> None:
    """Add an app, from any kind of source.

    It runs in every environment, or in those named, or on single clusters. `ENV=` or `ENV:` before a value is for one
    environment alone. Options that take several values may be repeated.
    """
    said = locals()
    from scaffolder.cli.work import add as work
    from scaffolder.cli.work.app import App

    asked = App(**{field: said[field] for field in App.__dataclass_fields__})
    change.either("add-app", partial(work.add_app, asked=asked), given, what=name, output=output, dry_run=dry_run)
