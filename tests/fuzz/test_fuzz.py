"""Whatever stands in documents, locks, files and values: a result or one clear error, soon, and nothing half-done."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scaffolder.apply import WorkTree
from scaffolder.cli.app import program
from scaffolder.errors import DocumentError, ScaffolderError, TemplateError
from scaffolder.jinja import compiled, environment
from scaffolder.lock import dump as dump_lock
from scaffolder.lock import parse as parse_lock
from scaffolder.spec.load import Spec
from scaffolder.spec.write import Edits
from scaffolder.structure import merge
from scaffolder.tree import File, Memory
from scaffolder.yamlio import flow, load
from tests.cli.support import Make
from tests.fuzz.limits import bounded, fuzz
from tests.fuzz.texts import PIECES, spoilt
from tests.plan.world import CLUSTERS, ENVIRONMENTS, PLATFORM, RELEASE, WEB, World
from tests.support.place import Place

DONE, DOCUMENT, TEMPLATE, CONFLICT = 0, 3, 4, 5
FOUND = 1

DOCUMENTS = textwrap.dedent("""\
    kind: platform
    name: acme
    templates: 0.1.0
    domain: example.com
    variables: {LOG_LEVEL: info, REGION: us}
    flux: {version: v2.9.4}
    ---
    kind: environment  # where we try
    name: dev
    ---
    kind: cluster
    name: dev-1
    environment: dev
    variables:
      # ours
      REGION: eu
    ---
    kind: tenant
    name: team
    environments: [dev]
    ---
    kind: app
    name: web
    namespace: team
    chart: {name: web, url: https://charts.example.com, version: 1.2.3}
    values:
      replicaCount: 1
      hosts: [a, b]
    overlays:
      dev: {values: {replicaCount: 2}}
    ---
    kind: app
    name: site
    git: {url: https://git.example.com/app.git, ref: {branch: main}, path: ./infra}
    """).encode()
STEPS = ["name", "variables", "values", "chart", "url", "hosts", "x", "[k]"]
KEYS = [("platform", "acme"), ("cluster", "dev-1"), ("app", "web"), ("app", "site")]


def ended(place: Place, *words: str) -> int:
    """The exit code of a command, which shows no traceback and knows of no bug."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(place.root), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), bounded():
        code = program(list(words))
    assert "Traceback" not in out.getvalue() + err.getvalue()
    assert code in {DONE, FOUND, DOCUMENT, TEMPLATE, CONFLICT}, err.getvalue()
    assert code == DONE or "✗ " in err.getvalue()
    return code


@pytest.fixture
def fleet(repository: Make) -> Place:
    """A repository that every case finds as it was made."""
    return repository(DOCUMENTS.decode())


@contextlib.contextmanager
def as_it_was(place: Place) -> Any:
    """What happens in it is undone."""
    before = place.root.with_name("before")
    shutil.copytree(place.root, before, symlinks=True)
    try:
        yield
    finally:
        shutil.rmtree(place.root)
        before.rename(place.root)


@fuzz(15)
@given(content=spoilt(DOCUMENTS))
def test_documents_are_taken_and_then_in_step_or_refused_and_then_nothing_is_written(
    fleet: Place, content: bytes
) -> None:
    with as_it_was(fleet):
        (fleet.root / "gitops.yaml").write_bytes(content)
        before = fleet.files()

        code = ended(fleet, "sync")

        if code == DONE:
            after = fleet.files()
            assert ended(fleet, "sync") == DONE
            assert fleet.files() == after
        else:
            assert code in {DOCUMENT, TEMPLATE}
            assert fleet.files() == before


@fuzz(150)
@given(content=spoilt(DOCUMENTS))
def test_documents_make_a_plan_after_which_there_is_none_or_one_clear_error(content: bytes) -> None:
    world = World.of()

    with bounded(), contextlib.suppress(DocumentError, TemplateError):
        world.sync()
        world.files["gitops.yaml"] = File(content)
        world.sync()
        assert world.plan(thorough=True).empty


@fuzz(12)
@given(data=st.data())
def test_a_spoilt_lock_loses_no_edit_and_the_way_out_is_one_sync_or_a_conflict(
    fleet: Place, data: st.DataObject
) -> None:
    with as_it_was(fleet):
        lock = fleet.root / data.draw(st.sampled_from(sorted(p for p in fleet.files() if p.startswith(".scaffolder/"))))
        lock.write_bytes(data.draw(spoilt(lock.read_bytes())))
        fleet.edit("apps/base/web/release.yaml", "spec:\n", "spec:\n  # mine\n")
        fleet.edit("gitops.yaml", "domain: example.com", "domain: example.org")

        code = ended(fleet, "sync")

        assert "# mine" in fleet.read("apps/base/web/release.yaml")
        assert code in {DONE, FOUND, CONFLICT}
        assert code != DONE or ended(fleet, "sync") == DONE


@fuzz(12)
@given(data=st.data())
def test_a_spoilt_file_of_ours_is_an_edit_or_a_conflict(fleet: Place, data: st.DataObject) -> None:
    with as_it_was(fleet):
        paths = sorted(path for path in fleet.files() if path.startswith(("apps/", "clusters/", "stacks/")))
        place = fleet.root / data.draw(st.sampled_from(paths))
        place.write_bytes(data.draw(spoilt(place.read_bytes())))
        fleet.edit("gitops.yaml", "domain: example.com", "domain: example.org")
        fleet.edit("gitops.yaml", "replicaCount: 1", "replicaCount: 7")

        code = ended(fleet, "sync")

        after = fleet.files()
        assert code in {DONE, CONFLICT}
        assert ended(fleet, "sync") in {DONE, code}  # a file that is taken whole is told of once
        assert fleet.files() == after


@fuzz(300)
@given(content=st.binary(max_size=200) | spoilt(dump_lock({}) + b"+ a\n8f2c01ab\n. a\n"))
def test_any_bytes_are_a_lock_or_one_of_a_newer_version(content: bytes) -> None:
    with bounded(), contextlib.suppress(ScaffolderError):
        known = parse_lock(content, "lock")

        assert parse_lock(dump_lock(known), "lock").keys() <= known.keys()


@fuzz(300)
@given(
    content=spoilt(DOCUMENTS),
    key=st.sampled_from(KEYS),
    path=st.lists(st.sampled_from(STEPS), min_size=1, max_size=3),
    value=st.sampled_from([*PIECES, 1, True, None, {"a": ["b"]}, [], {}]),
)
def test_an_edit_changes_what_is_meant_or_says_that_it_cannot(
    content: bytes, key: tuple[str, str], path: list[str], value: Any
) -> None:
    with bounded(), contextlib.suppress(DocumentError):
        edits = Edits(Spec(Memory({"gitops.yaml": File(content)})))
        if key in edits.spec.places:
            edits.put(key, tuple(path), value)
            assert edits.value(key, tuple(path)) == value
            edits.take(key, tuple(path))
            edits.drop(key)


@fuzz(200)
@given(ours=spoilt(DOCUMENTS), theirs=spoilt(DOCUMENTS))
def test_a_merge_by_keys_is_yaml_or_is_left_to_people(ours: bytes, theirs: bytes) -> None:
    with bounded():
        merged = merge(DOCUMENTS, ours, theirs)

        assert merged is None or len(load(merged)) == len(load(DOCUMENTS))


@fuzz(200)
@given(
    path=st.lists(st.sampled_from(["a", "..", ".", "", ".git", "~", "link", "é"]) | st.text(max_size=3)).map("/".join)
)
@example("link/x")
@example("a" * 300)
def test_a_path_is_written_inside_the_work_tree_or_refused(tmp_path: Path, path: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    shutil.rmtree(tmp_path)
    for folder in (root / ".git", outside):
        folder.mkdir(parents=True)
    (root / "link").symlink_to(outside)

    with contextlib.suppress(ScaffolderError):
        WorkTree(root, root / ".git").write(path, File(b"x"))
        assert Path(os.path.realpath(root / path)).read_bytes() == b"x"

    assert not list(outside.iterdir())
    assert {place.name for place in (root / ".git").iterdir()} <= {"scaffolder"}
    assert {place.name for place in tmp_path.iterdir()} == {"root", "outside"}


@fuzz(200)
@given(text=spoilt(b"{% if a %}{{ a }}{% else %}{% for b in c %}{{ b.d|upper }}{% endfor %}{% endif %}\n"))
@example(b"{{ range(10 ** 9)|list }}")
@example(b"{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}")
def test_a_template_renders_or_is_refused_by_its_name(text: bytes) -> None:
    with bounded(), contextlib.suppress(TemplateError, UnicodeDecodeError):
        compiled(environment({}, "t"), text.decode(), "t")({"a": "x", "c": [{"d": "y"}]})


values = st.text(max_size=20) | st.lists(st.sampled_from(PIECES), max_size=3).map("".join)


@fuzz(80)
@given(value=values)
def test_a_variable_comes_out_of_the_templates_as_it_went_in(value: str) -> None:
    platform = f"{{kind: platform, name: acme, flux: {{version: v2.9.4}}, variables: {{A: {flow(value)}}}}}\n"
    world = World.of(platform, ENVIRONMENTS, CLUSTERS)

    with bounded(), contextlib.suppress(DocumentError):
        world.sync()
        (document,) = load(world.files["clusters/dev/dev-1/cluster-vars.yaml"].content)
        assert document.data["data"]["A"] == value


@fuzz(80)
@given(value=values.filter(lambda text: "$" not in text))
def test_a_value_comes_out_of_the_templates_as_it_went_in(value: str) -> None:
    app = WEB.replace("name: web,", f"name: web, values: {{a: {flow(value)}}},", 1)
    world = World.of(PLATFORM, ENVIRONMENTS, CLUSTERS, app)

    with bounded():
        world.sync()
        release = world.files[RELEASE].content
        assert value in [leaf for document in load(release) for leaf in leaves(document.data)]


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in (key, *leaves(inner))]
    return [leaf for inner in value for leaf in leaves(inner)] if isinstance(value, list) else [value]
