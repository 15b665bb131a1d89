"""Hold objects against closed schemas, with the real kubeconform."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.judges import schemas, tools
from tests.judges.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.judges.objects import Object


@dataclass(frozen=True)
class Placed:
    """An object, and the folder whose build it came out of."""

    folder: str
    object: Object


def finding(placed: Placed, message: str) -> Finding:
    return Finding(placed.folder, str(placed.object), message)


def validate(objects: Iterable[Placed], *, kubernetes: str, definitions: Iterable[Object]) -> list[Finding]:
    """One process for all of them. `definitions`: the CustomResourceDefinitions that the cluster knows."""
    places: dict[str, Placed] = {}
    for placed in objects:
        places.setdefault(plain(placed.object.text), placed)
    locations = (schemas.core(kubernetes) / schemas.CORE, schemas.custom(definitions, kubernetes) / schemas.CUSTOM)
    distinct = list(places.values())
    return [finding(distinct[number], why) for number, why in kubeconform(list(places), locations).items()]


def plain(text: str) -> str:
    """Without what SOPS adds and Flux takes away again."""
    return re.sub(r"^sops:\n(?:[ -].*\n?)*", "", text, flags=re.MULTILINE)


def kubeconform(texts: Sequence[str], locations: Iterable[Path]) -> dict[int, str]:
    """What is wrong with which of these texts, each one object. A location is a path with kubeconform's variables."""
    if not texts:
        return {}
    flags = [part for location in locations for part in ("-schema-location", str(location))]
    with tempfile.TemporaryDirectory(prefix="judged-") as folder:
        for number, text in enumerate(texts):
            (Path(folder) / f"{number}.yaml").write_text(text)
        program = tools.require("kubeconform")
        done = tools.run(program, "-strict", "-summary", "-output", "json", *flags, folder, at=Path(folder))
    report = json.loads(done.stdout or "{}")
    counts = report.get("summary", {})
    if len(texts) != sum(counts.get(verdict, 0) for verdict in ("valid", "invalid", "errors")):
        raise RuntimeError(f"kubeconform has not judged all of {len(texts)} objects: {counts} {done.stderr}")
    return dict(sorted((int(Path(result["filename"]).stem), reason(result)) for result in report["resources"]))


def reason(result: dict[str, Any]) -> str:
    """Each fault with its place, without the schema's path on this machine."""
    if result["msg"].startswith("could not find schema"):
        return f"no schema of {result['kind']} {result['version']}"
    return "; ".join(details(result["msg"])) or str(result["msg"])


def details(message: str) -> Iterator[str]:
    for found in re.finditer(r"- at '(?P<place>[^']*)': (?P<what>.*?)(?=\s+- at '|$)", message):
        if not found["what"].startswith(("validation failed", "'allOf' failed")):
            yield f"{found['place'] or '/'}: {found['what']}"
