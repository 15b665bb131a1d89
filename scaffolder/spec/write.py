"""Documents written and changed as text. Only what is meant changes; every other byte stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.errors import DocumentError, shown
from scaffolder.spec.load import Spec, own_file
from scaffolder.spec.problems import field
from scaffolder.tree import File
from scaffolder.yamlio import YamlError, dump, flow, load
from scaffolder.yamlio.edit import put

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scaffolder.spec.load import Key
    from scaffolder.tree import Source


def document(kind: str, name: str, fields: Mapping[str, Any]) -> str:
    """A new document; empty fields are left out."""
    kept = {key: value for key, value in fields.items() if value not in (None, {}, [], ())}
    return dump({"kind": kind, "name": name, **kept})


def added(kind: str, name: str, fields: Mapping[str, Any]) -> dict[str, File | None]:
    """The file of a new document, by itself in `gitops/<kind>s/`."""
    return {own_file(kind, name): File(document(kind, name, fields).encode())}


def changed(source: Source, key: Key, path: Sequence[str], value: Any) -> dict[str, File | None]:
    """The file of a document with one value set; nothing where it has that value.

    Raises:
        DocumentError: the text cannot be changed without touching anything else.
    """
    spec = Spec(source)
    if spec.value(key, tuple(path)) == value:
        return {}
    place = spec.places[key]
    file = source.read(place.file)
    before = file.content if file else b""
    after = put(before.decode(), place.index, path, value).encode()
    wanted = _with(spec.parsed(key).data, path, value)
    try:
        whole = [parsed.data for parsed in load(after)]
    except YamlError:
        whole = []
    others = [parsed.data for parsed in load(before)]
    others[place.index] = wanted
    if whole != others:
        mark, wish = spec.parsed(key).at(tuple(path)), shown(flow(value))
        raise DocumentError([f"{place.file}:{mark}: `{field(tuple(path))}` cannot be set to {wish}: change it by hand"])
    return {place.file: File(after, file.executable if file else False)}


def _with(data: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    inner = data if isinstance(data, dict) else {}
    return {**inner, path[0]: _with(inner.get(path[0]), path[1:], value)}
