"""Documents written and changed as text. Only what is meant changes; every other byte stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.errors import DocumentError, shown
from scaffolder.spec.load import TOGETHER, Spec, own_file
from scaffolder.spec.problems import field
from scaffolder.tree import File
from scaffolder.yamlio import YamlError, dump, flow, load
from scaffolder.yamlio.cut import cut, drop
from scaffolder.yamlio.edit import put

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.spec.load import Key
    from scaffolder.spec.problems import Path
    from scaffolder.tree import Source


def document(kind: str, name: str, fields: Mapping[str, Any]) -> str:
    """A new document; empty fields are left out, but for `manifests: {}`, which says what the source is."""
    kept = {key: value for key, value in fields.items() if value not in (None, {}, [], ()) or key == "manifests"}
    return dump({"kind": kind, "name": name, **kept})


def added(kind: str, name: str, fields: Mapping[str, Any]) -> dict[str, File | None]:
    """The file of a new document, by itself in `gitops/<kind>s/`."""
    return {own_file(kind, name): File(document(kind, name, fields).encode())}


def changed(source: Source, key: Key, path: Path, value: Any) -> dict[str, File | None]:
    """The file of a document with one value set; nothing where it has that value.

    Raises:
        DocumentError: the text cannot be changed without touching anything else.
    """
    edits = Edits(Spec(source))
    edits.put(key, path, value)
    return edits.files


class Edits:
    """Changes of documents, one upon the other; `files` is what is to be written, None for a file that goes.

    Every method raises `DocumentError` where the text cannot be changed without touching anything else.
    """

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.files: dict[str, File | None] = {}
        self._data: dict[str, list[Any]] = {}  # of the files that were looked at, as they are now
        self._gone: dict[str, list[int]] = {}  # of each file: the documents that were in it before

    def value(self, key: Key, path: Path) -> Any:
        """What a document says at a path by now, or None."""
        place = self.spec.places[key]
        found = self._all(place.file)[self._index(key)]
        for step in path:
            if isinstance(step, int):
                found = found[step] if isinstance(found, list) and step < len(found) else None
            else:
                found = found.get(step) if isinstance(found, dict) else None
        return found

    def put(self, key: Key, path: Path, value: Any) -> None:
        """Sets a value; in a list, the place behind the last item is there to be set, too."""
        if self.value(key, path) == value:
            return
        before = self._all(self.spec.places[key].file)
        index = self._index(key)
        wanted = [*before[:index], _with(before[index], path, value), *before[index + 1 :]]
        self._write(key, path, put(self._text(key), index, path, value), wanted, f"set to {shown(flow(value))}")

    def take(self, key: Key, path: Path) -> None:
        """Takes a field or a list's item out, if it is there, and what would be left empty with it."""
        if not path or self._holder(key, path) is None:
            return
        while len(path) > 1 and len(self._holder(key, path)) == 1:
            path = path[:-1]
        before = self._all(self.spec.places[key].file)
        index = self._index(key)
        wanted = [*before[:index], _without(before[index], path), *before[index + 1 :]]
        self._write(key, path, cut(self._text(key), index, path), wanted, "taken out")

    def drop(self, key: Key) -> None:
        """Removes a whole document, and its file where no other is in it."""
        file, index = self.spec.places[key].file, self._index(key)
        before = self._all(file)
        if len(before) == 1:
            self.files[file] = None
            return
        self._write(key, (), drop(self._text(key), index), [*before[:index], *before[index + 1 :]], "removed")
        self._gone.setdefault(file, []).append(self.spec.places[key].index)

    def swap(self, key: Key, kind: str, fields: Mapping[str, Any]) -> None:
        """Puts another kind of document of the same name in the place of one: whoever reads finds one of them."""
        name, file = key[1], self.spec.places[key].file
        self.drop(key)
        if file != TOGETHER:  # where a file's name says what is in it; new files are written before others go
            self.files |= added(kind, name, fields)
            return
        left, new = self.files[file], document(kind, name, fields)
        text = left.content.decode() if left else ""
        wanted = [*(self._all(file) if left else ()), *(parsed.data for parsed in load(new.encode()))]
        newline = "\r\n" if "\r\n" in text else "\n"
        between = ("" if text.endswith("\n") else "\n") + "---\n" if text else ""
        after = text + f"{between}{new}".replace("\n", newline)
        self._write(key, (), after, wanted, f"replaced by a {kind}")

    def _holder(self, key: Key, path: Path) -> Any:
        """The mapping or list that a path leads into, if it has what the path ends with."""
        holder, last = self.value(key, path[:-1]), path[-1]
        if isinstance(last, int):
            return holder if isinstance(holder, list) and last < len(holder) else None
        return holder if isinstance(holder, dict) and last in holder else None

    def _index(self, key: Key) -> int:
        place = self.spec.places[key]
        return place.index - sum(gone < place.index for gone in self._gone.get(place.file, ()))

    def _file(self, file: str) -> File:
        return self.files.get(file) or self.spec.source.read(file) or File(b"")

    def _text(self, key: Key) -> str:
        return self._file(self.spec.places[key].file).content.decode()

    def _all(self, file: str) -> list[Any]:
        if file not in self._data:
            self._data[file] = [parsed.data for parsed in load(self._file(file).content)]
        return self._data[file]

    def _write(self, key: Key, path: Path, text: str, wanted: list[Any], verb: str) -> None:
        place, after = self.spec.places[key], text.encode()
        try:
            whole = [parsed.data for parsed in load(after)]
        except YamlError:
            whole = []
        if whole != wanted:
            named = f"`{field(path)}`" if path else f"{key[0]} {shown(key[1])}"
            mark = self.spec.parsed(key).at(path)
            raise DocumentError([f"{place.file}:{mark}: {named} cannot be {verb}: change it by hand"])
        self.files[place.file] = File(after, self._file(place.file).executable)
        self._data[place.file] = whole


def _with(data: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        items = data if isinstance(data, list) else []
        return [*items[:first], _with(items[first] if first < len(items) else None, rest, value), *items[first + 1 :]]
    inner = data if isinstance(data, dict) else {}
    return {**inner, first: _with(inner.get(first), rest, value)}


def _without(data: Any, path: Path) -> Any:
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        return [*data[:first], *([_without(data[first], rest)] if rest else []), *data[first + 1 :]]
    kept = {key: value for key, value in data.items() if key != first or rest}
    return {**kept, first: _without(data[first], rest)} if rest else kept
