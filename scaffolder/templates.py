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
RELEASE: Final = "release.yaml"  # which version the templates are
SETTINGS: Final[dict[str, type]] = {"_subdirectory": str, "_envops": dict, "_skip_if_exists": list}


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
    """The folder of the templates: in an installed package inside it, in a checkout beside it.

    Raises:
        TemplateError: neither is there.
    """
    package = Path(str(resources.files("scaffolder")))
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / RELEASE).is_file():
            return folder
    raise TemplateError("the package lies there without its templates", hint="pip install --force-reinstall scaffolder")


@functools.cache
def versions() -> tuple[str, ...]:
    """All versions of the templates that can be rendered, oldest first."""
    return (str(_yaml(home() / RELEASE).get("version")),)


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
    if not (home() / name / "copier.yml").is_file():
        raise TemplateError(f"no template `{name}` in {version}")
    return read(home() / name)


def read(folder: Path) -> Template:
    """The template in a folder, compiled.

    Raises:
        TemplateError: it cannot be.
    """
    name, settings = folder.name, _settings(folder)
    root = folder / settings.get("_subdirectory", ".")
    if not root.is_dir() or not root.resolve().is_relative_to(folder.resolve()):
        raise TemplateError(f"{name}/copier.yml: _subdirectory must be a folder of the template")
    options = {"keep_trailing_newline": True, **settings.get("_envops", {})}  # Copier's default
    env = environment(options, f"{name}/copier.yml")
    found = sorted((file.relative_to(root).as_posix(), file) for file in root.rglob("*") if file.is_file())
    seeded = frozenset(settings.get("_skip_if_exists", ()))
    files = tuple(_file(env, f"{name}/{relative}", relative, file, seeded) for relative, file in found)
    return Template(name, frozenset(key for key in settings if not key.startswith("_")), files)


def _settings(folder: Path) -> dict[str, Any]:
    settings, place = _yaml(folder / "copier.yml"), f"{folder.name}/copier.yml"
    own = {key: value for key, value in settings.items() if key.startswith("_")}
    if unknown := sorted(own.keys() - SETTINGS):
        raise TemplateError(f"{place}: unknown settings {', '.join(unknown)}; known: {', '.join(SETTINGS)}")
    for key, value in own.items():
        if not isinstance(value, SETTINGS[key]):
            raise TemplateError(f"{place}: {key} must be a {SETTINGS[key].__name__}")
    return settings


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
    try:
        render = compiled(env, content.decode(), name)
    except UnicodeDecodeError:
        raise TemplateError(f"{name}: not UTF-8 text") from None
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
