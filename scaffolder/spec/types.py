"""The values that fields are made of. Each refuses what Kubernetes or Flux would refuse later, and says why."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from scaffolder.errors import shown
from scaffolder.spec.durations import DURATION, duration
from scaffolder.yamlio.plain import is_text

LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
COMMIT: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
IMAGE: Final = re.compile(r"([a-zA-Z0-9.-]+(:[0-9]{1,5})?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*")
KUBERNETES: Final = re.compile(r"1\.[1-9][0-9]?")
HOSTNAME: Final = re.compile(r"([\w.-]+|\[[\da-fA-F:]+\])(:\d+)?(/[\w.~-]+)*", re.ASCII)
OWNER: Final = re.compile(r"@[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)*|[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
OCI: Final = re.compile(r"oci://[^/]+(/[a-z0-9]+([._-]+[a-z0-9]+)*)+")
DOMAIN_LENGTH: Final = 253  # RFC 1035; the length of a key in a ConfigMap too
REF_LENGTH: Final = 250  # bytes between two slashes: a file name, with `.lock` behind it
_HOST: Final = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{1,5})?|\[[0-9a-fA-F:.]+\](:[0-9]{1,5})?")


def label(value: str) -> str:
    """A DNS label (RFC 1123), as Kubernetes wants names of namespaces and Flux its own."""
    if not LABEL.fullmatch(value):
        raise ValueError("must be a DNS label: at most 63 of a-z, 0-9 and -, and no - at either end")
    return value


def label_or_none(value: str) -> str:
    """A DNS label, or nothing where nothing is meant."""
    return label(value) if value else value


def variable(value: str) -> str:
    """A name that Flux's post-build substitution can replace, and that is not ours."""
    if not VARIABLE.fullmatch(value) or len(value) > DOMAIN_LENGTH:
        raise ValueError("must be a variable name: letters, digits and _, no digit first")
    if not is_text(value):
        raise ValueError("is read as something else by YAML parsers: choose another name")
    if value in {"CLUSTER_NAME", "ENVIRONMENT", "DOMAIN", "FLEET_REF", "quote"}:
        raise ValueError("is set by scaffolder itself: choose another name")
    return value


def variable_value(value: str) -> str:
    """Text that survives the way through two substitutions and the API server exactly."""
    if "'" in value or not value.isprintable():
        raise ValueError("must not hold ', line breaks or other characters that cannot be printed")
    return value


def full_ref(value: str) -> str:
    """A Git reference written out, so that a branch and a tag of one name cannot be mixed up."""
    name = re.fullmatch(r"refs/(?:heads|tags)/(.+)", value)
    if not name:
        raise ValueError("must be a full reference: refs/heads/BRANCH or refs/tags/TAG")
    git_name(name[1])
    return value


def git_name(value: str) -> str:
    """A branch or tag name that `git check-ref-format` accepts."""
    bad = re.search(r"\.\.|//|@\{|[\x00-\x20~^:?*\[\\\x7f]|^[-/.]|/\.|\.lock(/|$)|[/.]$", value)
    longest = max(len(part.encode()) for part in value.split("/"))
    if bad or not value or value in {"@", "HEAD"} or not value.isprintable() or longest > REF_LENGTH:
        raise ValueError("is not a name that Git accepts for a branch or tag")
    return value


def _url(value: str, schemes: tuple[str, ...]) -> str:
    try:
        parts = urlsplit(value)
        host, port = parts.netloc.rpartition("@")[2], parts.port
    except ValueError:  # brackets that do not match, a port out of range
        host, port = "", None
    known = value.startswith(tuple(f"{scheme}://" for scheme in schemes))
    if not known or not _HOST.fullmatch(host) or port == 0 or not value.isprintable() or " " in value:
        raise ValueError(f"must be a URL that starts with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    if parts.password is not None or (parts.username is not None and parts.scheme != "ssh"):
        raise ValueError("must not hold a user name or password: they belong in a Secret")
    return value


def git_url(value: str) -> str:
    """A Git repository as Flux can fetch it; the short form `git@host:path` is not one."""
    if re.fullmatch(r"[\w.-]+@[\w.-]+:(?!//).+", value):
        user, _, path = value.partition(":")
        raise ValueError(f"must be a URL: Flux does not know the short form, write ssh://{user}/{path}")
    return _url(value, ("https", "ssh", "http"))


def hostname(value: str) -> str:
    """Where a forge is: a host, with a port or a path behind it."""
    if not HOSTNAME.fullmatch(value):
        raise ValueError("must be a host such as git.example.com, with a port or a path behind it if need be")
    return value


def owner(value: str) -> str:
    """Somebody as CODEOWNERS names them."""
    if not OWNER.fullmatch(value):
        raise ValueError("must be @user, @organisation/team, @group/subgroup or an e-mail address")
    return value


def chart_url(value: str) -> str:
    """A Helm repository, or a chart in an OCI registry without its version."""
    _url(value, ("https", "oci", "http"))
    if value.startswith("oci://") and not OCI.fullmatch(value):
        raise ValueError("must end in the chart's path, in lower case and without a version: oci://host/charts/name")
    return value


def oci_url(value: str) -> str:
    """An OCI artifact without its tag."""
    _url(value, ("oci",))
    if not OCI.fullmatch(value):
        raise ValueError("must end in the artifact's path, in lower case and without a tag: oci://host/manifests/name")
    return value


def endpoint(value: str) -> str:
    """HOST[:PORT], as Flux takes it: `insecure` says which scheme."""
    if not _HOST.fullmatch(value):
        raise ValueError("must be a host, with a port if need be, such as minio.example.com:9000")
    return value


def image(value: str) -> str:
    if not IMAGE.fullmatch(value):
        raise ValueError("must be an image without its tag, such as ghcr.io/stefanprodan/podinfo")
    return value


def tag(value: str) -> str:
    if not TAG.fullmatch(value):
        raise ValueError("must be a tag: at most 128 of letters, digits, _, . and -")
    return value


def digest(value: str) -> str:
    if not DIGEST.fullmatch(value):
        raise ValueError("must be a digest: sha256: and 64 of 0-9 and a-f")
    return value


def substitute(value: str) -> str:
    """A name that Flux's post-build substitution can replace."""
    if not VARIABLE.fullmatch(value):
        raise ValueError("must be a variable name: letters, digits and _, no digit first")
    return value


def block(value: str) -> str:
    """Text of one or more lines that is not empty."""
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def commit(value: str) -> str:
    if not COMMIT.fullmatch(value):
        raise ValueError("must be a commit in full: 40 or 64 of 0-9 and a-f")
    return value


def kubernetes(value: str) -> str:
    if not KUBERNETES.fullmatch(value):
        raise ValueError('must be a minor version such as "1.33"')
    return value


def unique(values: tuple[str, ...]) -> tuple[str, ...]:
    if twice := sorted({value for value in values if values.count(value) > 1}):
        raise ValueError(f"must not name {shown(twice[0])} twice")
    return values


def domain(value: str) -> str:
    if not all(map(LABEL.fullmatch, value.split("."))) or len(value) > DOMAIN_LENGTH:
        raise ValueError("must be a DNS domain in lower case, such as prod.example.com")
    return value


def text(value: str) -> str:
    """One line of printable text that is not empty."""
    if not value.strip() or not value.isprintable():
        raise ValueError("must be one line of printable text")
    return value


def no_nulls(value: Any, path: str = "") -> Any:
    """Helm values without null and without numbers that JSON lacks."""
    if value is None:
        where = f" (`{path}`)" if path else ""
        raise ValueError(f"must not hold null{where}: kustomize drops it; leave the key out")
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        no_nulls(item, f"{path}.{key}" if path else str(key))
    return value


def _like(pattern: str) -> Any:
    """What a JSON Schema can say about a text that a function checks."""
    return Field(json_schema_extra={"pattern": f"^{pattern}$"})


CLOSED: Final = Field(json_schema_extra={"additionalProperties": False})  # to keys that are not of the pattern

Name = Annotated[str, AfterValidator(label), _like(LABEL.pattern)]
NameOrNone = Annotated[str, AfterValidator(label_or_none), _like(f"({LABEL.pattern})?")]
Duration = Annotated[str, AfterValidator(duration), _like(rf"({DURATION.pattern})+")]
Text = Annotated[str, AfterValidator(text), Field(json_schema_extra={"minLength": 1})]
GitName = Annotated[str, AfterValidator(git_name), Field(json_schema_extra={"minLength": 1})]
FullRef = Annotated[str, AfterValidator(full_ref), _like("refs/(heads|tags)/.+")]
Commit = Annotated[str, AfterValidator(commit), _like(COMMIT.pattern)]
GitUrl = Annotated[str, AfterValidator(git_url), _like("(https?|ssh)://[^ ]+")]
Hostname = Annotated[str, AfterValidator(hostname), _like(HOSTNAME.pattern)]
ChartUrl = Annotated[str, AfterValidator(chart_url), _like(f"(https?://[^ ]+|{OCI.pattern})")]
OciUrl = Annotated[str, AfterValidator(oci_url), _like(OCI.pattern)]
Endpoint = Annotated[str, AfterValidator(endpoint), Field(json_schema_extra={"minLength": 1})]
ImageName = Annotated[str, AfterValidator(image), _like(IMAGE.pattern)]
Tag = Annotated[str, AfterValidator(tag), _like(TAG.pattern)]
Digest = Annotated[str, AfterValidator(digest), _like(DIGEST.pattern)]
Block = Annotated[str, AfterValidator(block), Field(json_schema_extra={"minLength": 1})]
Port = Annotated[int, Field(ge=1, le=65535)]
Replicas = Annotated[int, Field(ge=0, le=2147483647)]
Substitutes = Annotated[dict[Annotated[str, AfterValidator(substitute), _like(VARIABLE.pattern)], str], CLOSED]
Domain = Annotated[str, AfterValidator(domain), _like(rf"{LABEL.pattern}(\.{LABEL.pattern})*")]
Kubernetes = Annotated[str, AfterValidator(kubernetes), _like(KUBERNETES.pattern)]
Variables = Annotated[
    dict[
        Annotated[str, AfterValidator(variable), _like(VARIABLE.pattern)],
        Annotated[str, AfterValidator(variable_value), _like("[^'\\n\\r]*")],
    ],
    CLOSED,
]
Values = dict[str, Any]
OverlayValues = Annotated[dict[str, Any], AfterValidator(no_nulls)]
Names = Annotated[
    tuple[Name, ...], AfterValidator(unique), Field(strict=False, json_schema_extra={"uniqueItems": True})
]
Owners = Annotated[
    tuple[Annotated[str, AfterValidator(owner), _like(OWNER.pattern)], ...],
    AfterValidator(unique),
    Field(strict=False, json_schema_extra={"uniqueItems": True}),
]
Texts = Annotated[tuple[Text, ...], Field(strict=False)]
