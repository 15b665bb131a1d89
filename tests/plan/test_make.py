from __future__ import annotations

import pytest

from scaffolder import git, plan
from scaffolder.errors import ScaffolderError, TemplateError
from scaffolder.lock import digest, parse
from scaffolder.merge import DELETED, EDITED, IN_THE_WAY, LINES, MARKERS
from scaffolder.render.units import Unit
from scaffolder.spec.load import Spec
from scaffolder.tree import Memory
from tests.plan.world import CLUSTERS, ENVIRONMENTS, PLATFORM, RELEASE, WEB, World

INTERVAL = ("interval: 1h0m0s", "interval: 30m0s")


@pytest.fixture
def world() -> World:
    made = World.of()
    made.sync()
    return made


def with_news(world: World) -> None:
    """The documents ask for something else in the web app's release."""
    world.edit("gitops.yaml", "name: web, chart", "name: web, interval: 30m, chart")


def test_a_second_run_plans_nothing_and_finds_no_edits(world: World) -> None:
    assert world.plan().empty
    assert world.plan(thorough=True).empty
    assert not world.plan(thorough=True).edits


def test_every_file_and_lock_names_the_unit_it_belongs_to() -> None:
    made = World.of().plan()

    assert made.files[RELEASE].unit == Unit("app", "web")
    assert made.files["stacks/prod/apps/web.yaml"].unit == Unit("app", "web", "prod")
    assert {".scaffolder/app/web/base", ".scaffolder/tenant/web/dev", ".scaffolder/platform/acme/base"} <= set(
        made.locks
    )


def test_news_of_one_document_changes_its_own_files_and_locks_alone(world: World) -> None:
    with_news(world)

    made = world.plan()

    assert set(made.files) == {RELEASE, "stacks/dev/apps/web.yaml", "stacks/prod/apps/web.yaml"}
    assert set(made.locks) == {f".scaffolder/app/web/{part}" for part in ("base", "dev", "prod")}
    assert {change.verb for change in made.files.values()} == {"update"}


def test_an_edit_survives_news_elsewhere_in_the_file_and_is_told_to_who_asks(world: World) -> None:
    world.prepend(RELEASE)
    with_news(world)

    made = world.sync()

    assert made.edits == [RELEASE]
    assert world.read(RELEASE).startswith("# mine\n")
    assert "interval: 30m0s" in world.read(RELEASE)
    assert world.plan().empty
    assert world.plan().edits == []
    assert world.plan(thorough=True).edits == [RELEASE]


def test_an_edit_of_the_same_line_is_a_conflict_until_its_markers_are_gone(world: World) -> None:
    world.edit(RELEASE, INTERVAL[0], "interval: 5m0s")
    with_news(world)

    first, second = world.sync(), world.sync()
    marked = world.read(RELEASE)
    world.write(RELEASE, marked[: marked.index("<<<<<<<")] + "  interval: 5m0s\n")

    assert first.conflicts == {RELEASE: LINES}
    assert second.conflicts == {RELEASE: MARKERS}
    assert "<<<<<<< yours\n  interval: 5m0s\n=======\n  interval: 30m0s\n>>>>>>> template\n" in marked
    assert not world.sync().conflicts
    assert world.plan().empty


def test_news_while_markers_stand_there_wait_for_them_to_go(world: World) -> None:
    world.edit(RELEASE, INTERVAL[0], "interval: 5m0s")
    with_news(world)
    world.sync()
    world.edit("gitops.yaml", "interval: 30m", "suspend: true, interval: 30m")

    told = world.sync()
    marked = world.read(RELEASE)
    world.write(RELEASE, marked.partition("<<<<<<<")[0] + "  interval: 30m0s\n")
    solved = world.sync()

    assert told.conflicts == {RELEASE: MARKERS}
    assert not solved.conflicts
    assert "suspend: true" in world.read(RELEASE)


def test_markers_that_git_left_are_found_by_whoever_looks_closely(world: World) -> None:
    world.write(RELEASE, "<<<<<<<< HEAD:a\na\n========\nb\n>>>>>>>> other:b\n")

    assert world.plan(thorough=True).conflicts == {RELEASE: MARKERS}


def test_a_deleted_file_stays_deleted_without_a_word(world: World) -> None:
    del world.files[RELEASE]

    assert world.plan().empty
    assert world.plan(thorough=True).empty
    assert world.plan(thorough=True).edits == [RELEASE]


def test_news_of_a_deleted_file_are_told_once(world: World) -> None:
    del world.files[RELEASE]
    with_news(world)

    first, second = world.sync(), world.sync()
    world.edit("gitops.yaml", "interval: 30m", "interval: 20m")
    third = world.sync()

    assert first.conflicts == {RELEASE: DELETED}
    assert second.empty
    assert not second.conflicts
    assert not third.conflicts
    assert RELEASE not in world.files


def test_a_deleted_file_that_comes_back_is_brought_in_step(world: World) -> None:
    file = world.files.pop(RELEASE)
    with_news(world)
    world.sync()
    world.files[RELEASE] = file

    made = world.sync()

    assert not made.conflicts
    assert "interval: 30m0s" in world.read(RELEASE)


def test_a_removed_app_takes_its_files_and_locks_with_it_but_no_edit(world: World) -> None:
    world.prepend(RELEASE)
    world.documents(PLATFORM, ENVIRONMENTS, CLUSTERS)

    first, second = world.sync(), world.plan()

    assert first.conflicts == {RELEASE: EDITED}
    assert {path for path in world.files if "web" in path} == {RELEASE}
    assert second.empty
    assert not second.conflicts


def test_deletions_name_the_unit_that_the_file_belonged_to(world: World) -> None:
    world.documents(PLATFORM, ENVIRONMENTS, CLUSTERS)

    assert world.plan().files[RELEASE].unit == Unit("app", "web")


def test_a_file_in_the_way_is_left_alone_and_told_until_it_is_gone() -> None:
    world = World.of()
    world.write(RELEASE, "mine\n")

    first, second = world.sync(), world.sync()
    del world.files[RELEASE]
    third = world.sync()

    assert first.conflicts == second.conflicts == {RELEASE: IN_THE_WAY}
    assert not third.conflicts
    assert "HelmRelease" in world.read(RELEASE)


def test_a_file_in_the_way_that_is_what_we_would_write_is_ours() -> None:
    there = World.of()
    there.sync()
    world = World.of()
    world.files[RELEASE] = there.files[RELEASE]

    made = world.sync()

    assert not made.conflicts
    assert RELEASE not in made.files
    assert world.files == there.files


def test_lost_locks_are_made_again_where_nothing_was_edited(world: World) -> None:
    before = dict(world.files)
    for path in [path for path in world.files if path.startswith(".scaffolder/")]:
        del world.files[path]

    world.sync()

    assert world.files == before


def test_a_path_that_passes_from_one_unit_to_another_keeps_its_edits_and_its_base() -> None:
    at = "{kind: cluster, name: %s, environment: dev, path: clusters/x, variables: {}}\n"
    world = World.of(PLATFORM, ENVIRONMENTS, at % "old")
    world.sync()
    world.prepend("clusters/x/cluster-vars.yaml")
    world.documents(PLATFORM, ENVIRONMENTS, at % "new")

    made = world.sync()

    assert not made.conflicts
    assert set(made.files) == {"clusters/x/cluster-vars.yaml"}
    assert world.read("clusters/x/cluster-vars.yaml").startswith("# mine\n")
    assert "CLUSTER_NAME: new" in world.read("clusters/x/cluster-vars.yaml")
    assert [path for path in world.files if "/cluster/" in path] == [".scaffolder/cluster/new/base"]


@pytest.mark.parametrize("news", ["", ", ref: refs/tags/v1"])
@pytest.mark.parametrize(("old", "new"), [("a", "z"), ("z", "a")])
def test_an_old_lock_takes_nothing_from_the_unit_that_has_the_path_now(old: str, new: str, news: str) -> None:
    at = "{kind: cluster, name: %s, environment: dev, path: clusters/x%s}\n"
    world, fresh = World.of(PLATFORM, ENVIRONMENTS, at % (old, "")), World.of(PLATFORM, ENVIRONMENTS, at % (new, news))
    world.sync()
    fresh.sync()
    left = world.files[f".scaffolder/cluster/{old}/base"]
    world.documents(PLATFORM, ENVIRONMENTS, at % (new, ""))
    world.sync()
    world.files[f".scaffolder/cluster/{old}/base"] = left  # as if the run had been killed before its last effect
    world.documents(PLATFORM, ENVIRONMENTS, at % (new, news))

    made = world.sync()

    assert not made.conflicts
    assert world.files == fresh.files


def test_an_app_that_gets_a_tenant_document_of_its_name_keeps_every_file(world: World) -> None:
    before = dict(world.files)
    world.documents(PLATFORM, ENVIRONMENTS, CLUSTERS, WEB, "{kind: tenant, name: web}\n")

    assert world.plan().empty
    assert {path: world.files[path] for path in before if path != "gitops.yaml"} == {
        path: file for path, file in before.items() if path != "gitops.yaml"
    }


def test_two_units_at_one_path_are_an_error_that_names_both() -> None:
    clusters = [f"{{kind: cluster, name: {name}, environment: dev, path: x}}\n" for name in ("one", "two")]
    world = World.of(PLATFORM, ENVIRONMENTS, *clusters)
    source = Memory(world.files)

    with pytest.raises(TemplateError, match=r"^`x/[\w.-]+` is claimed by cluster `one` and by cluster `two`$"):
        plan.make(Spec(source), source, plan.Tools(git.merge_file, world.components))


def test_a_readme_is_written_once_and_then_belongs_to_people(world: World) -> None:
    world.write("README.md", "ours\n")
    world.edit("gitops.yaml", "name: acme", "name: other")

    made = world.sync()

    assert "README.md" not in made.files
    assert world.read("README.md") == "ours\n"
    assert world.plan(thorough=True).empty


def test_the_lock_of_a_readme_says_what_was_written_not_what_would_be_now(world: World) -> None:
    world.edit("gitops.yaml", "name: acme", "name: other")

    world.sync()

    known = parse(world.files[".scaffolder/platform/other/base"].content, "")
    assert known["README.md"].prints == (digest(world.files["README.md"].content),)


def test_a_readme_that_was_there_before_us_stays() -> None:
    world = World.of()
    world.write("README.md", "ours\n")

    made = world.sync()

    assert not made.conflicts
    assert world.read("README.md") == "ours\n"
    assert world.plan().empty


def test_a_deleted_readme_stays_deleted_without_a_word(world: World) -> None:
    del world.files["README.md"]
    world.edit("gitops.yaml", "name: acme", "name: other")

    made = world.sync()

    assert not made.conflicts
    assert "README.md" not in world.files
    assert world.plan(thorough=True).empty


def test_line_endings_that_git_changed_are_no_edits_and_stay(world: World) -> None:
    for path, file in list(world.files.items()):
        world.write(path, file.content.decode().replace("\n", "\r\n"))

    assert world.plan(thorough=True).empty
    assert not world.plan(thorough=True).edits

    world.edit("gitops.yaml", "name: web, chart", "name: web, interval: 30m, chart")
    world.sync()

    assert b"interval: 30m0s\r\n" in world.files[RELEASE].content
    assert world.files[RELEASE].content.count(b"\n") == world.files[RELEASE].content.count(b"\r\n")


def test_a_lock_of_a_newer_scaffolder_stops_everything(world: World) -> None:
    world.edit(".scaffolder/app/web/base", "# scaffolder 1", "# scaffolder 2")

    with pytest.raises(ScaffolderError, match="written by a newer scaffolder"):
        world.plan()
