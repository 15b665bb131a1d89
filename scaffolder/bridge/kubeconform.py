"""Holds Kubernetes objects against schemas with kubeconform, unknown fields refused."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scaffolder.errors import ScaffolderError
from scaffolder.redact import redact

NAME: Final = "kubeconform"
OWN: Final = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"  # where kubeconform looks for our schemas
UNKNOWN: Final = "could not find schema for"  # how it says that no location has one
UNREACHABLE: Final = "failed downloading schema"
NO_NEWS: Final = ("validation failed", "'allOf' failed")  # what follows says why
FAULT: Final = re.compile(r"- at '(?P<place>[^']*)': (?P<what>.*?)(?=\s+- at '|$)", re.DOTALL)
PATIENCE: Final = 600  # seconds for everything: the first time, it downloads a schema for each kind


@dataclass(frozen=True)
class Verdict:
    """What is wrong with one of the objects; `unknown` where there is no schema for it."""

    number: int
    message: str
    unknown: bool = False


def on_path() -> str | None:
    return shutil.which(NAME)


def judged(
    program: str, objects: Sequence[Mapping[str, Any]], own: Mapping[str, Any], location: str, kubernetes: str
) -> list[Verdict]:
    """What is wrong with which objects.

    Args:
        program: kubeconform.
        objects: what the clusters get.
        own: schemas of custom resources, by the file names of `OWN`.
        location: where Kubernetes' own are, as kubeconform takes it: `default`, or a path or URL with variables.
        kubernetes: a minor version such as 1.33, or nothing for the newest.

    Raises:
        ScaffolderError: kubeconform cannot be run, cannot fetch schemas, or did not judge everything.
    """
    with tempfile.TemporaryDirectory(prefix="scaffolder-") as scratch:
        schemas, folder = Path(scratch, "schemas"), Path(scratch, "objects")
        _write(schemas, own)
        _write(folder, {f"{number}.json": found for number, found in enumerate(objects)})
        version = f"{kubernetes}.0" if kubernetes else "master"
        flags = ("-strict", "-summary", "-output", "json", "-kubernetes-version", version)
        where = ("-schema-location", f"{schemas}/{OWN}", "-schema-location", location)
        report = _report([program, *flags, *where, str(folder)])
    _refuse_unreachable(report["resources"], location)
    counts = report["summary"]
    if sum(counts.values()) != len(objects):
        raise ScaffolderError(f"{NAME} has not judged all of {len(objects)} objects: {counts}")
    return sorted(map(_verdict, report["resources"]), key=lambda verdict: verdict.number)


def _write(folder: Path, files: Mapping[str, Any]) -> None:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(data, default=str), encoding="utf-8")


def _report(command: Sequence[str]) -> dict[str, Any]:
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False, encoding="utf-8")
        found: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise ScaffolderError(f"{NAME} took longer than {PATIENCE} s") from None
    except OSError as error:
        raise ScaffolderError(f"{NAME} cannot be run: {(error.strerror or str(error)).lower()}") from None
    except ValueError:
        said = " ".join((done.stderr or done.stdout).split()) or f"it ended with status {done.returncode}"
        raise ScaffolderError(f"{NAME}: {redact(said)}") from None
    return found


def _refuse_unreachable(resources: Sequence[Mapping[str, Any]], location: str) -> None:
    """One line where a network is missing, not one for each object."""
    if said := next((found["msg"] for found in resources if found["msg"].startswith(UNREACHABLE)), ""):
        reason = " ".join(said.rpartition("attempt(s): ")[2].split())
        hint = "--schemas takes a folder or a mirror as well, as kubeconform's -schema-location does"
        raise ScaffolderError(redact(f"the schemas at `{location}` cannot be fetched: {reason}"), hint=hint)


def _verdict(found: Mapping[str, Any]) -> Verdict:
    number = int(Path(found["filename"]).stem)
    if found["msg"].startswith(UNKNOWN):
        return Verdict(number, f"no schema of {found['kind']} {found['version']}", unknown=True)
    return Verdict(number, redact("; ".join(sorted(_faults(found["msg"]))) or " ".join(found["msg"].split())))


def _faults(message: str) -> Iterator[str]:
    """Each fault with its place in the object, without that of the schema on this machine."""
    for fault in FAULT.finditer(message):
        if not fault["what"].startswith(NO_NEWS):
            yield f"{fault['place'] or '/'}: {fault['what']}"
