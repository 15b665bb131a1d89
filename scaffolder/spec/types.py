"""The values that fields are made of. Each refuses what Kubernetes or Flux would refuse later, and says why."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from scaffolder.yamlio.plain import is_text

LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
DOMAIN_LENGTH: Final = 253  # RFC 1035
_UNITS: Final = {"h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_DURATION: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(h|ms|m|s)")
_HOST: Final = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{1,5})?|\[[0-9a-fA-F:.]+\](:[0-9]{1,5})?")


def label(value: str) -> str:
    """A DNS label (RFC 1123), as Kubernetes wants names of namespaces and Flux its own."""
    if not LABEL.fullmatch(value):
        raise ValueError("must be a DNS label: at most 63 of a-z, 0-9 and -, and no - at either end")
    return value


def duration(value: str) -> str:
    """A duration as Go reads it, written as Flux prints it: `60m` is `1h0m0s`."""
    parts = _DURATION.findall(value)
    if not parts or "".join(number + unit for number, unit in parts) != value:
        raise ValueError("must be a duration such as 30s, 5m or 1h30m")
    millis = round(sum(float(number) * _UNITS[unit] for number, unit in parts))
    if not millis:
        raise ValueError("must be longer than nothing")
    return _go(millis)


def _go(millis: int) -> str:
    if millis < _UNITS["s"]:
        return f"{millis}ms"
    minutes, rest = divmod(millis, _UNITS["m"])
    seconds = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    hours, minutes = divmod(minutes, 60)
    return (f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else "") + seconds


def variable(value: str) -> str:
    """A name that Flux's post-build substitution can replace, and that is not ours."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
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
    if bad or not value or value == "@" or not value.isprintable():
        raise ValueError("is not a name that Git accepts for a branch or tag")
    return value


def _url(value: str, schemes: tuple[str, ...]) -> str:
    try:
        parts = urlsplit(value)
        host = parts.netloc.rpartition("@")[2]
        valid = parts.scheme in schemes and bool(_HOST.fullmatch(host)) and value.isprintable() and " " not in value
    except ValueError:
        valid = False
    if not valid:
        raise ValueError(f"must be a URL that starts with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    if parts.password is not None or (parts.username and parts.scheme != "ssh"):
        raise ValueError("must not hold a user name or password: use secretRef")
    return value


def git_url(value: str) -> str:
    """A Git repository as Flux can fetch it; the short form `git@host:path` is not one."""
    if re.fullmatch(r"[\w.-]+@[\w.-]+:(?!//).+", value):
        user, _, path = value.partition(":")
        raise ValueError(f"must be a URL: Flux does not know the short form, write ssh://{user}/{path}")
    return _url(value, ("https", "ssh", "http"))


def chart_url(value: str) -> str:
    return _url(value, ("https", "oci", "http"))


def domain(value: str) -> str:
    if (
        not re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", value)
        or len(value) > DOMAIN_LENGTH
    ):
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


Name = Annotated[str, AfterValidator(label), Field(json_schema_extra={"pattern": f"^{LABEL.pattern}$"})]
Duration = Annotated[
    str, AfterValidator(duration), Field(json_schema_extra={"pattern": "^([0-9]+(\\.[0-9]+)?(h|ms|m|s))+$"})
]
Text = Annotated[str, AfterValidator(text), Field(json_schema_extra={"minLength": 1})]
GitName = Annotated[str, AfterValidator(git_name)]
FullRef = Annotated[str, AfterValidator(full_ref), Field(json_schema_extra={"pattern": "^refs/(heads|tags)/.+$"})]
GitUrl = Annotated[str, AfterValidator(git_url), Field(json_schema_extra={"pattern": "^(https?|ssh)://"})]
ChartUrl = Annotated[str, AfterValidator(chart_url), Field(json_schema_extra={"pattern": "^(https?|oci)://"})]
Domain = Annotated[str, AfterValidator(domain)]
Variables = dict[Annotated[str, AfterValidator(variable)], Annotated[str, AfterValidator(variable_value)]]
Values = dict[str, Any]
OverlayValues = Annotated[dict[str, Any], AfterValidator(no_nulls)]
Names = Annotated[tuple[Name, ...], Field(strict=False)]
Texts = Annotated[tuple[Text, ...], Field(strict=False)]
