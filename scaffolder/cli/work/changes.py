"""Which Kubernetes objects differ between two states of clusters, each change told once for all of its clusters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from scaffolder.cli.work.table import table
from scaffolder.cli.work.walk import group_of, name_of

if TYPE_CHECKING:
    from scaffolder.cli.work.walk import Object

NONE: Final = "-"
FIELDS: Final = 3  # that are named in a cell before the rest is counted
CLUSTERS: Final = 6

Identity = tuple[str, str, str, str]  # API group, kind, namespace, name


class Change(NamedTuple):
    """One object that is added, changed or removed; of a changed one, the fields."""

    change: str
    api_version: str
    kind: str
    namespace: str
    name: str
    fields: tuple[str, ...]


def by_identity(objects: Iterable[Object]) -> dict[Identity, Object]:
    """Objects as the API server knows them: not by the version of their API, which may change."""
    return {(group_of(found), str(found.get("kind")), *name_of(found)): found for found in objects}


def changes(before: Mapping[Identity, Object], after: Mapping[Identity, Object]) -> Iterator[Change]:
    """What happens to the objects of one cluster."""
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        verb = "added" if old is None else "removed" if new is None else "changed"
        fields = tuple(sorted(_fields(old, new))) if old and new else ()
        api = str((new or old or {}).get("apiVersion", ""))
        yield Change(verb, api, *key[1:], fields)


def _fields(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """The paths of the fields that differ; never their values, which may be secret."""
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old.keys() | new.keys():
            step = f"{path}.{key}" if path else str(key)
            yield from _fields(old.get(key), new.get(key), step)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _fields(one, other, f"{path}[{index}]")
    else:
        yield path


def together(found: Mapping[str, Iterable[Change]]) -> list[tuple[Change, list[str]]]:
    """Changes by cluster as changes with their clusters, in order of the objects."""
    rows: dict[Change, list[str]] = {}
    for cluster, its in sorted(found.items()):
        for change in its:
            rows.setdefault(change, []).append(cluster)
    return sorted(rows.items(), key=lambda row: (row[0].kind, row[0].namespace, row[0].name, row[0].change, row[1]))


def told(rows: Iterable[tuple[Change, list[str]]]) -> str:
    """The rows as a table; nothing for none."""
    heads = ["CHANGE", "KIND", "NAMESPACE", "NAME", "CLUSTERS", "FIELDS"]
    lines = [
        [row.change, row.kind, row.namespace or NONE, row.name, _few(clusters, CLUSTERS), _few(row.fields, FIELDS)]
        for row, clusters in rows
    ]
    return table([heads, *lines])


def _few(words: Iterable[str], most: int) -> str:
    known = list(words)
    return ", ".join(known[:most]) + (f" and {len(known) - most} more" if len(known) > most else "")
