"""The documents of a repository: `gitops.yaml`, and one file each in `gitops/<kind>s/`; read when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from pydantic import ValidationError

from scaffolder.errors import DocumentError
from scaffolder.spec.model import KINDS, AnyDocument, App, Cluster, Environment, Platform, Tenant
from scaffolder.spec.problems import Path, Problem, explain, suggest
from scaffolder.yamlio import Mark, Parsed, YamlError, load

if TYPE_CHECKING:
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

    Raises `DocumentError` from any method that meets a document that cannot be read; `problems` finds them all.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.places: dict[Key, Place] = {}
        self._parsed: dict[str, list[Parsed]] = {}
        self._models: dict[Key, AnyDocument] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self.bad: list[str] = []  # what makes documents impossible to find at all, as lines
        self._find()

    def _find(self) -> None:
        for kind in KINDS:
            for file in self.source.names(folder_of(kind)):
                self._found_apart(kind, file)
        for index, parsed in enumerate(self._parse(TOGETHER) if self.source.read(TOGETHER) else ()):
            self._found_together(index, parsed)
        self.bad += stray_files(self.source)

    def _found_apart(self, kind: str, file: str) -> None:
        name, dot, ending = file.rpartition(".")
        if dot and ending == "yaml":
            self.places[kind, name] = Place(f"{folder_of(kind)}/{file}", 0)

    def _found_together(self, index: int, parsed: Parsed) -> None:
        kind, name = _kind_and_name(parsed.data)
        if kind not in KINDS or not name:
            self.bad.append(_header_problem(TOGETHER, parsed))
        elif (kind, name) in self.places:
            other = self.places[kind, name]
            line = self._parse(other.file)[other.index].start if other.file == TOGETHER else Mark(1, 1)
            first = f"{other.file}:{line}"
            self.bad.append(f"{TOGETHER}:{parsed.at(('name',))}: {kind} `{name}` is already in {first}")
        else:
            self.places[kind, name] = Place(TOGETHER, index)

    def _parse(self, file: str) -> list[Parsed]:
        if file not in self._parsed:
            found = self.source.read(file)
            try:
                self._parsed[file] = load(found.content) if found else []
            except YamlError as error:
                self._parsed[file] = []
                line = f"{file}:{error.mark}: {error.message}"
                if file != TOGETHER:
                    raise DocumentError([line]) from None
                self.bad.append(line)
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

    @property
    def platform(self) -> Platform:
        names = self.names("platform")
        if len(names) != 1:
            raise DocumentError([_platforms(self)], hint="every repository has one document of `kind: platform`")
        return self.get(Platform, names[0])

    def environment(self, name: str) -> Environment:
        return self.get(Environment, name)

    def cluster(self, name: str) -> Cluster:
        return self.get(Cluster, name)

    def tenant(self, name: str) -> Tenant:
        return self.get(Tenant, name)

    def app(self, name: str) -> App:
        return self.get(App, name)

    def _read(self, key: Key) -> AnyDocument:
        place, parsed = self.places[key], self.parsed(key)
        kind, name = _kind_and_name(parsed.data)
        if (kind, name) != key:
            problem = _header_problem(place.file, parsed) if kind not in KINDS or not name else ""
            mark = parsed.at(("name",) if kind == key[0] else ("kind",))
            raise DocumentError(
                [
                    problem
                    or f"{place.file}:{mark}: must hold {key[0]} `{key[1]}`, as its path says, not {kind} `{name}`"
                ]
            )
        model = KINDS[key[0]]
        try:
            return model.model_validate(parsed.data)
        except ValidationError as error:
            found = [explain(model, detail) for detail in error.errors(include_url=False)]
            problems = [Problem(*key, path, message, of_key) for path, message, of_key in found]
            raise DocumentError([self.line(problem) for problem in problems]) from None

    def parsed(self, key: Key) -> Parsed:
        place = self.places[key]
        found = self._parse(place.file)
        if place.file != TOGETHER and len(found) != 1:
            mark = found[1].start if found else Mark(1, 1)
            raise DocumentError([f"{place.file}:{mark}: must hold exactly one document, not {len(found)}"])
        return found[place.index]

    def line(self, problem: Problem) -> str:
        """A problem as one line: `file:line:column: what`."""
        key = (problem.kind, problem.name)
        mark = self.parsed(key).at(problem.path, key=problem.of_key)
        return f"{self.places[key].file}:{mark}: {problem.message}"

    def value(self, key: Key, path: Path) -> Any:
        """What the document says at a path, as written, or None."""
        data: Any = self.parsed(key).data
        for step in path:
            data = data.get(step) if isinstance(data, dict) else None
        return data

    def unreadable(self, keys: list[Key] | None = None) -> list[str]:
        """The lines of all documents (or of those named) that cannot be read at all."""
        lines = list(self.bad)
        for key in keys if keys is not None else sorted(self.places):
            try:
                self[key]
            except DocumentError as error:
                lines += error.problems
        return lines


def stray_files(source: Source) -> list[str]:
    """YAML in `gitops/` that is no document: a person meant something by it."""
    lines, homes = [], {f"{kind}s": kind for kind in KINDS}
    for name in source.names(APART):
        if name not in homes:
            if name.endswith((".yaml", ".yml", ".json")) or source.names(f"{APART}/{name}"):
                lines.append(f"{APART}/{name}:1:1: is no place for documents{suggest(name, homes)}")
            continue
        for file in source.names(f"{APART}/{name}"):
            if file.endswith((".yml", ".json")):
                lines.append(f"{APART}/{name}/{file}:1:1: documents end in .yaml")
            elif file.endswith(".yaml") and source.names(f"{APART}/{name}/{file}"):
                lines.append(f"{APART}/{name}/{file}:1:1: is a folder")
    return lines


def _kind_and_name(data: Any) -> tuple[str, str]:
    kind, name = (data.get("kind"), data.get("name")) if isinstance(data, dict) else ("", "")
    return (kind if isinstance(kind, str) else ""), (name if isinstance(name, str) else "")


def _header_problem(file: str, parsed: Parsed) -> str:
    data = parsed.data
    if not isinstance(data, dict):
        return f"{file}:{parsed.start}: a document is a mapping with `kind` and `name`"
    for field in ("kind", "name"):
        if field not in data:
            return f"{file}:{parsed.start}: `{field}` is required"
        if not isinstance(data[field], str) or not data[field]:
            return f"{file}:{parsed.at((field,))}: `{field}` must be text"
    return f"{file}:{parsed.at(('kind',))}: unknown kind `{data['kind']}`{suggest(data['kind'], KINDS)}"


def _platforms(spec: Spec) -> str:
    names = spec.names("platform")
    if not names:
        return f"{TOGETHER}:1:1: no platform document"
    place = spec.places["platform", names[1]]
    mark = spec.parsed(("platform", names[1])).start
    return f"{place.file}:{mark}: a second platform, `{names[1]}` beside `{names[0]}`"
