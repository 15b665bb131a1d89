"""The catalogue of templates: which versions there are, and the compiled template of each kind of unit."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import TemplateError
from scaffolder.jinja import compiled, environment
from scaffolder.yamlio import YamlError, load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SUFFIX: Final = ".jinja"
SETTINGS: Final = frozenset({"_subdirectory", "_envops", "_skip_if_exists"})

Rendered = "Callable[[Mapping[str, Any]], str]"


@dataclass(frozen=True)
class TemplateFile:
    """One file of a template, compiled: where it goes, what it holds, and whether people own it from then on."""

    name: str
    path: Callable[[Mapping[str, Any]], str]
    content: Callable[[Mapping[str, Any]], bytes]
    executable: bool
    seeded: bool


@dataclass(frozen=True)
class Template:
    """A Copier template of one kind of unit, e.g. `app@environment`."""

    name: str
    inputs: frozenset[str]
    files: tuple[TemplateFile, ...]


def home() -> Path:
    """The folder of the templates: in an installed package inside it, in a checkout beside it."""
    package = Path(str(resources.files("scaffolder")))
    return next(folder for folder in (package / "templates", package.parent / "templates") if folder.is_dir())


@functools.cache
def versions() -> tuple[str, ...]:
    """All versions of the templates that can be rendered, oldest first."""
    return (str(_yaml(home() / "release.yaml")["version"]),)


def newest() -> str:
    return versions()[-1]


@functools.cache
def template(version: str, name: str) -> Template:
    """The template of a kind of unit, in one version.

    Raises:
        TemplateError: unknown version or kind, or a template that cannot be compiled.
    """
    if version not in versions():
        raise TemplateError(f"no templates {version}", hint=f"known versions: {', '.join(versions())}")
    folder = home() / name
    if not (folder / "copier.yml").is_file():
        raise TemplateError(f"no template `{name}` in {version}")
    settings = _yaml(folder / "copier.yml")
    if unknown := {key for key in settings if key.startswith("_")} - SETTINGS:
        raise TemplateError(f"{name}/copier.yml: unknown settings {', '.join(sorted(unknown))}")
    root = folder / settings.get("_subdirectory", ".")
    env = environment(settings.get("_envops", {}))
    found = sorted((file.relative_to(root).as_posix(), file) for file in root.rglob("*") if file.is_file())
    seeded = frozenset(settings.get("_skip_if_exists", ()))
    files = tuple(_file(env, f"{name}/{relative}", relative, file, seeded) for relative, file in found)
    return Template(name, frozenset(key for key in settings if not key.startswith("_")), files)


def _file(env: Any, name: str, relative: str, file: Path, seeded: frozenset[str]) -> TemplateFile:
    target = relative.removesuffix(SUFFIX)
    return TemplateFile(
        name=name,
        path=compiled(env, target, name),
        content=_content(env, name, file, plain=target == relative),
        executable=bool(file.stat().st_mode & 0o100),
        seeded=target in seeded,
    )


def _content(env: Any, name: str, file: Path, *, plain: bool) -> Callable[[Mapping[str, Any]], bytes]:
    content = file.read_bytes()
    if plain:
        return lambda _: content
    render = compiled(env, content.decode(), name)
    return lambda inputs: render(inputs).encode()


def _yaml(file: Path) -> dict[str, Any]:
    try:
        data = load(file.read_bytes())[0].data
    except YamlError as error:
        raise TemplateError(f"{file}:{error.mark}: {error.message}") from None
    except (IndexError, OSError) as error:
        raise TemplateError(f"{file}: {error}") from None
    if not isinstance(data, dict):
        raise TemplateError(f"{file}: must be a mapping")
    return data
