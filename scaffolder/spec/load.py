"""The documents of a repository: `gitops.yaml`, and one file each in `gitops/<kind>s/`; read when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from pydantic import ValidationError

from scaffolder.errors import DocumentError, printable, shown
from scaffolder.spec.app import App
from scaffolder.spec.model import KINDS, AnyDocument, Cluster, Environment, Platform, Tenant
from scaffolder.spec.problems import Path, Problem, explain, field, suggest
from scaffolder.yamlio import Mark, Parsed, YamlError, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scaffolder.tree import Source

TOGETHER: Final = "gitops.yaml"
APART: Final = "gitops"
Key = tuple[str, str]  # kind, name
T = TypeVar("T", bound=AnyDocument)


def folder_of(kind: str) -> str:
    return f"{APART}/{kind}s"


def own_file(kind: str, name: str) -> str:
    """Where a document stands by itself: `gitops/apps/podinfo.yaml`."""
    return f"{folder_of(kind)}/{name}.yaml"


@dataclass(frozen=True)
class Place:
    """Where a document stands: its file, and which of the file's documents it is."""

    file: str
    index: int


class Spec:
    """All documents. Those with a file of their own are parsed only when somebody asks for them.

    Raises `DocumentError` from any method that meets a document that cannot be read; `unreadable` finds them all.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.places: dict[Key, Place] = {}
        self._parsed: dict[str, list[Parsed]] = {}
        self._models: dict[Key, AnyDocument] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self.bad: list[str] = []  # what makes documents impossible to find at all, as lines
        self.doubled: list[str] = []  # what is there twice: the first one counts
        self._find()

    def _find(self) -> None:
        for kind in KINDS:
            for file in self.source.names(folder_of(kind)):
                name, dot, ending = file.rpartition(".")
                if dot and ending == "yaml" and file.isprintable():
                    self.places[kind, name] = Place(own_file(kind, name), 0)
        try:
            for index, parsed in enumerate(self._parse(TOGETHER) if TOGETHER in self.source.names("") else ()):
                self._found_together(index, parsed)
        except DocumentError as error:
            self.bad += error.problems
        self.bad += _stray_files(self.source)

    def _found_together(self, index: int, parsed: Parsed) -> None:
        kind, name = _kind_and_name(parsed.data)
        if kind not in KINDS or not name:
            self.bad += _judged(TOGETHER, parsed)[1]
        elif (other := self.places.get((kind, name))) is not None:
            start = self._parsed[TOGETHER][other.index].start if other.file == TOGETHER else Mark(1, 1)
            message = f"{kind} {shown(name)} is already in {other.file}:{start}"
            self.doubled += [f"{TOGETHER}:{parsed.at(('name',))}: {message}", *_judged(TOGETHER, parsed)[1]]
        else:
            self.places[kind, name] = Place(TOGETHER, index)

    def _parse(self, file: str) -> list[Parsed]:
        if file not in self._parsed:
            found = self.source.read(file)
            if found is None:
                raise DocumentError([f"{file}:1:1: is a folder or a link: documents stand in files"])
            try:
                self._parsed[file] = load(found.content)
            except YamlError as error:
                raise DocumentError([f"{file}:{error.mark}: {error.message}"]) from None
        return self._parsed[file]

    def names(self, kind: str) -> tuple[str, ...]:
        """The names of all documents of a kind, sorted."""
        if kind not in self._names:
            self._names[kind] = tuple(sorted(name for found, name in self.places if found == kind))
        return self._names[kind]

    def __contains__(self, key: Key) -> bool:
        return key in self.places

    def __getitem__(self, key: Key) -> AnyDocument:
        if key not in self._models:
            self._models[key] = self._read(key)
        return self._models[key]

    def get(self, model: type[T], name: str) -> T:
        kind = model.__name__.lower()
        return cast("T", self[kind, name])

    def all(self, model: type[T]) -> list[T]:
        return [self.get(model, name) for name in self.names(model.__name__.lower())]

    def readable(self, model: type[T], name: str) -> T | None:
        """The document, unless it cannot be read; `unreadable` says why."""
        try:
            return self.get(model, name)
        except DocumentError:
            return None

    @property
    def platform(self) -> Platform:
        if problems := self.platform_problems():
            raise DocumentError(problems)
        return self.get(Platform, self.names("platform")[0])

    def platform_problems(self) -> list[str]:
        """Every repository has one platform document; a line for none, or for each that is too many."""
        first, *more = self.names("platform") or ("",)
        if not first:
            return [f"{TOGETHER}:1:1: no platform document: every repository has one of `kind: platform`"]
        message = f"a second platform beside {shown(first)}: a repository has one"
        return self.lines(Problem("platform", name, (), message) for name in more)

    def environment(self, name: str) -> Environment:
        return self.get(Environment, name)

    def cluster(self, name: str) -> Cluster:
        return self.get(Cluster, name)

    def tenant(self, name: str) -> Tenant:
        return self.get(Tenant, name)

    def app(self, name: str) -> App:
        return self.get(App, name)

    def _read(self, key: Key) -> AnyDocument:
        file, parsed = self.places[key].file, self.parsed(key)
        kind, name = _kind_and_name(parsed.data)
        document, lines = _judged(file, parsed)
        if kind in KINDS and name and (kind, name) != key:
            mark = parsed.at(("name",) if kind == key[0] else ("kind",))
            message = f"must hold {key[0]} {shown(key[1])}, as its path says, not {kind} {shown(name)}"
            lines.append(f"{file}:{mark}: {message}")
        if document is None or lines:
            raise DocumentError(lines)
        return document

    def parsed(self, key: Key) -> Parsed:
        place = self.places[key]
        found = self._parse(place.file)
        if place.file != TOGETHER and len(found) != 1:
            mark = found[1].start if found else Mark(1, 1)
            raise DocumentError([f"{place.file}:{mark}: must hold exactly one document, not {len(found)}"])
        return found[place.index]

    def line(self, problem: Problem) -> str:
        """A problem as one line: `file:line:column: what`, with the field that it is about."""
        key = (problem.kind, problem.name)
        mark = self.parsed(key).at(problem.path, key=problem.of_key)
        named = field(problem.path)
        about = "" if not named or f"`{named}`" in problem.message else f" (`{named}`)"
        return f"{self.places[key].file}:{mark}: {problem.message}{about}"

    def lines(self, problems: Iterator[Problem]) -> list[str]:
        """Problems as lines; a document that cannot be read on the way to them ends the list, with its own."""
        lines = []
        try:
            for problem in problems:
                lines.append(self.line(problem))  # noqa: PERF401  those before an error count
        except DocumentError as error:
            lines += error.problems
        return lines

    def value(self, key: Key, path: Path) -> Any:
        """What the document says at a path, as written, or None."""
        data: Any = self.parsed(key).data
        for step in path:
            data = data.get(step) if isinstance(data, dict) else None
        return data

    def unreadable(self, keys: Iterable[Key]) -> list[str]:
        """The lines of all that cannot be found, and of those of some documents that cannot be read."""
        lines = [*self.bad, *self.doubled]
        for key in keys:
            try:
                self[key]
            except DocumentError as error:
                lines += error.problems
        return lines


def _stray_files(source: Source) -> Iterator[str]:
    """YAML in `gitops/` that is no document: a person meant something by it."""
    homes = {f"{kind}s" for kind in KINDS}
    for name in source.names(APART):
        path = f"{APART}/{name}"
        inside = source.names(path)
        if name in homes:
            yield from _strays_in(source, path, inside)
        elif inside or name.endswith((".yaml", ".yml", ".json")):
            yield f"{printable(path)}:1:1: is no place for documents{suggest(name, homes)}"


def _strays_in(source: Source, home: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        path = f"{home}/{name}"
        if name.endswith((".yml", ".json")) or not name.isprintable():
            yield f"{printable(path)}:1:1: a document's file is its name and .yaml"
        elif not name.endswith(".yaml") and source.names(path):
            yield f"{path}:1:1: is a folder: documents stand in {home}/ itself"


def _kind_and_name(data: Any) -> tuple[str, str]:
    kind, name = (data.get("kind"), data.get("name")) if isinstance(data, dict) else ("", "")
    return (kind if isinstance(kind, str) else ""), (name if isinstance(name, str) else "")


def _judged(file: str, parsed: Parsed) -> tuple[AnyDocument | None, list[str]]:
    """A document as its kind's record, or what is wrong with it by itself, as lines."""
    kind = _kind_and_name(parsed.data)[0]
    if kind not in KINDS:
        return None, [f"{file}:{_without_kind(parsed)}"]
    try:
        return KINDS[kind].model_validate(parsed.data), []
    except ValidationError as error:
        found = [explain(KINDS[kind], detail) for detail in error.errors(include_url=False)]
        return None, [f"{file}:{parsed.at(path, key=of_key)}: {message}" for path, message, of_key in found]


def _without_kind(parsed: Parsed) -> str:
    data = parsed.data
    if not isinstance(data, dict):
        return f"{parsed.start}: a document is a mapping with `kind` and `name`"
    if "kind" not in data:
        return f"{parsed.start}: `kind` is required; allowed: {', '.join(KINDS)}"
    if not isinstance(data["kind"], str):
        return f"{parsed.at(('kind',))}: `kind` must be text{suggest('', KINDS)}"
    return f"{parsed.at(('kind',))}: unknown kind {shown(data['kind'])}{suggest(data['kind'], KINDS)}"
