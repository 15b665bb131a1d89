from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffolder.errors import TemplateError
from scaffolder.releases import home, newest, versions
from scaffolder.spec.model import KINDS
from scaffolder.templates import Template, read, template

Make = Callable[..., Template]
CHECKOUT = Path(__file__).parents[1]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a template from its settings and files, and compiles it."""

    def made(settings: str = "_subdirectory: template\n", **files: str | bytes) -> Template:
        folder = tmp_path / "app"
        for name, content in {
            "copier.yml": settings,
            **{f"template/{name}": text for name, text in files.items()},
        }.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read(folder)

    return made


def test_files_are_rendered_by_their_suffix_and_paths_always(make: Make) -> None:
    found = make(**{"{{ name }}/a.yaml.jinja": "a: {{ name }}\n", "b {{ name }}.yaml": "b: {{ name }}\n"})

    assert {file.path({"name": "x"}): file.content({"name": "x"}) for file in found.files} == {
        "x/a.yaml": b"a: x\n",
        "b x.yaml": b"b: {{ name }}\n",
    }


def test_a_file_that_is_no_template_may_hold_any_bytes(make: Make) -> None:
    (file,) = make(logo=b"\x00\xff{{").files

    assert file.content({}) == b"\x00\xff{{"


def test_the_last_line_keeps_its_end_as_in_copier(make: Make) -> None:
    (file,) = make(**{"a.jinja": "a\n"}).files

    assert file.content({}) == b"a\n"


def test_questions_are_the_inputs_and_settings_are_not(make: Make) -> None:
    found = make("_subdirectory: template\n_skip_if_exists: [a]\nname: {type: str}\nurl: {type: str}\n", a="", b="")

    assert found.inputs == {"name", "url"}
    assert [(file.name, file.seeded) for file in found.files] == [("app/a", True), ("app/b", False)]


def test_the_mode_of_a_file_is_kept(make: Make, tmp_path: Path) -> None:
    make(**{"run.jinja": "#!/bin/sh\n"})
    (tmp_path / "app/template/run.jinja").chmod(0o755)

    (file,) = read(tmp_path / "app").files

    assert file.executable


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("_subdirectory: ../other\n", r"app/copier\.yml: _subdirectory must be a folder of the template"),
        ("_subdirectory: /etc\n", r"app/copier\.yml: _subdirectory must be a folder of the template"),
        ("_subdirectory: nowhere\n", r"app/copier\.yml: _subdirectory must be a folder of the template"),
        ("_subdirectory: [a]\n", r"app/copier\.yml: _subdirectory must be a str"),
        ("_tasks: [rm -rf /]\n", r"app/copier\.yml: unknown settings _tasks; known: _subdirectory, _envops"),
        ("_envops: {autoescape: true}\n", r"app/copier\.yml: unknown _envops: autoescape"),
        ("_envops: x\n", r"app/copier\.yml: _envops must be a dict"),
        ("a: 1\na: 2\n", r".*copier\.yml:2:1: the key `a` stands here twice"),
        ("- a\n", r".*copier\.yml: must be a mapping"),
        ("", r".*copier\.yml: "),
    ],
)
def test_settings_that_cannot_be_meant_are_told_with_their_file(make: Make, settings: str, message: str) -> None:
    with pytest.raises(TemplateError, match=f"^{message}"):
        make(settings, a="")


def test_a_broken_file_is_told_with_its_name_and_line(make: Make) -> None:
    with pytest.raises(TemplateError, match=r"^app/a\.yaml\.jinja:2: unexpected '}'"):
        make(**{"a.yaml.jinja": "a\n{{ } }}\n"})
    with pytest.raises(TemplateError, match=r"^app/a\.yaml\.jinja: not UTF-8 text"):
        make(**{"a.yaml.jinja": b"\xff"})


def test_a_broken_path_is_told_with_its_name(make: Make) -> None:
    with pytest.raises(TemplateError, match=r"^app/\{\{ a\.jinja:1: "):
        make(**{"{{ a.jinja": ""})


def test_an_undefined_variable_is_told_with_its_file_and_line(make: Make) -> None:
    (file,) = make(**{"{{ who }}.jinja": "a\n\n{{ nobody }}\n"}).files

    with pytest.raises(TemplateError, match=r"^app/\{\{ who \}\}\.jinja:3: 'nobody' is undefined"):
        file.content({"who": "x"})
    with pytest.raises(TemplateError, match=r"'who' is undefined"):
        file.path({})


def test_every_kind_of_document_has_a_template_that_compiles() -> None:
    names = {place.parent.name for place in home().glob("*/copier.yml")}

    assert {template(newest(), name).name for name in names} == names
    assert {name.partition("@")[0] for name in names} == KINDS.keys()
    assert newest() == versions()[-1]


@pytest.mark.parametrize(("version", "name"), [("9.9.9", "app"), (newest(), "nothing")])
def test_a_version_or_kind_that_is_not_there_is_told(version: str, name: str) -> None:
    with pytest.raises(TemplateError, match=r"^no template"):
        template(version, name)


@pytest.mark.parametrize("place", ["scaffolder/templates", "templates"])
def test_templates_are_found_in_an_installed_package_and_beside_a_checkout(place: str, tmp_path: Path) -> None:
    shutil.copytree(CHECKOUT / "scaffolder", tmp_path / "scaffolder", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(home(), tmp_path / place)

    assert asked("print(templates.home(), templates.newest())", tmp_path) == f"{tmp_path / place} {newest()}"


def test_a_package_without_templates_says_so_and_takes_nobody_elses(tmp_path: Path) -> None:
    shutil.copytree(CHECKOUT / "scaffolder", tmp_path / "scaffolder", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "templates").mkdir()
    code = "try:\n    templates.home()\nexcept templates.TemplateError as error:\n    print(error, '|', error.hint)"

    said = asked(code, tmp_path)

    assert said.startswith("the package lies there without its templates | pip install")


def asked(code: str, root: Path) -> str:
    """What Python says with a package of its own, from another folder."""
    ran = subprocess.run(
        [sys.executable, "-c", f"from scaffolder import releases as templates\n{code}"],
        env={"PATH": os.defpath, "PYTHONPATH": str(root)},
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.strip()


FAULTS: dict[str, tuple[str, str | bytes, str]] = {  # the file that is broken, what it holds, what is said
    "an undefined variable": (
        "template/README.md.jinja",
        "a\n{{ nobody }}\n",
        "README.md.jinja:2: 'nobody' is undefined",
    ),
    "no Jinja": ("template/README.md.jinja", "a\n{% if %}\n", "README.md.jinja:2: Expected an expression"),
    "no text": ("template/README.md.jinja", b"\xff\n", "README.md.jinja: not UTF-8 text"),
    "a setting of Copier's that we do not have": ("copier.yml", "_tasks: [x]\n", "copier.yml: unknown settings _tasks"),
    "no YAML": ("copier.yml", "a: [\n", "copier.yml:"),
    "an option of Jinja's": ("copier.yml", "_envops: {finalize: x}\n", "copier.yml: unknown _envops: finalize"),
    "a path that leads out": ("template/{{ '..' }}/x", "", "{{ '..' }}/x: the path `../x` must be relative and normal"),
    "a path into git's folder": ("template/{{ '.git' }}/x", "", "{{ '.git' }}/x: the path `.git/x` leads into .git"),
    "a file that is there twice": ("template/READ{{ 'ME.md' }}", "", "`README.md` is written twice"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_template_is_one_line_and_leaves_nothing_behind(fault: str, tmp_path: Path) -> None:
    path, content, message = FAULTS[fault]
    for name in ("scaffolder", "templates"):
        shutil.copytree(CHECKOUT / name, tmp_path / "package" / name)
    broken = tmp_path / "package/templates/platform" / path
    broken.parent.mkdir(exist_ok=True)
    broken.write_bytes(content if isinstance(content, bytes) else content.encode())

    ran = subprocess.run(
        [sys.executable, "-m", "scaffolder", "new", "fleet"],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "package")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    (line,) = [line for line in ran.stderr.splitlines() if not line.startswith("►")]
    assert line.startswith("✗ ")
    assert message in line
    assert ran.returncode == 4
    assert not (tmp_path / "fleet").exists()
