from __future__ import annotations

from dataclasses import dataclass, field

from scaffolder import git, plan
from scaffolder.cli.work.session import checked
from scaffolder.lock import parse
from scaffolder.merge import DELETED, IN_THE_WAY, MARKERS, WHOLE
from scaffolder.tree import File, Memory, Source
from tests.plan.world import CLUSTERS, ENVIRONMENTS, GOTK, KUSTOMIZATION, PLATFORM, World

PROD_GOTK = GOTK.replace("dev", "prod")
LOCK = ".scaffolder/cluster/dev-1/base"
URL = "https://github.com/fluxcd/flux2/releases/download/v2.9.4/install.yaml"


def vendored(*, offline: bool = False) -> World:
    world = World.of(PLATFORM, ENVIRONMENTS, CLUSTERS, offline=offline)
    world.sync()
    return world


def downgrade_platform(world: World) -> None:
    world.edit("gitops.yaml", "flux: {version: v2.9.4}", "flux: {version: v2.9.0}")


def test_every_cluster_has_its_components_and_what_is_asked_twice_is_made_once() -> None:
    world = vendored()

    assert world.read(GOTK) == world.read(PROD_GOTK)
    assert len(world.asked) == 1
    assert world.files[GOTK] is world.files[PROD_GOTK]


def test_components_in_step_are_not_asked_for_again() -> None:
    world = vendored()
    world.asked.clear()

    assert world.plan(thorough=True).empty
    assert world.asked == []


def test_what_another_cluster_has_needs_no_network() -> None:
    world = vendored()
    world.offline = True
    world.edit("gitops.yaml", "name: prod-1", "name: new, environment: prod}\n---\n{kind: cluster, name: prod-1")

    made = world.sync()

    assert not made.unvendored
    assert world.read("clusters/prod/new/flux-system/gotk-components.yaml") == world.read(GOTK)


def test_what_another_cluster_has_in_other_line_endings_is_the_same() -> None:
    world = vendored()
    text = world.read(GOTK)
    world.write(GOTK, text.replace("\n", "\r\n"))
    del world.files[PROD_GOTK], world.files[LOCK.replace("dev", "prod")]
    world.offline = True

    world.sync()

    assert world.read(PROD_GOTK) == text


def test_what_another_cluster_has_edited_is_not_taken_from_it() -> None:
    world = vendored()
    world.write(GOTK, "mine\n")
    del world.files[PROD_GOTK], world.files[LOCK.replace("dev", "prod")]
    world.offline = True

    made = world.sync()

    assert set(made.unvendored) == {"prod-1"}
    assert PROD_GOTK not in world.files


def test_components_that_cannot_be_had_are_named_by_the_url_of_their_release_until_they_can() -> None:
    world = vendored(offline=True)

    before = world.read(KUSTOMIZATION)
    unvendored = world.plan().unvendored
    world.offline = False
    made = world.sync()

    assert f"- {URL}\n" in before
    assert {name: (file.present, file.in_step) for name, file in unvendored.items()} == {
        "dev-1": (False, False),
        "prod-1": (False, False),
    }
    assert made.files[GOTK].verb == "create"
    assert "- gotk-components.yaml\n" in world.read(KUSTOMIZATION)
    assert world.plan().empty


def test_a_patch_of_people_in_the_kustomization_survives_the_change_from_url_to_file() -> None:
    world = vendored(offline=True)
    world.write(KUSTOMIZATION, world.read(KUSTOMIZATION) + "patches:\n- path: mine.yaml\n")
    world.offline = False

    made = world.sync()

    assert not made.conflicts
    assert "- gotk-components.yaml\n" in world.read(KUSTOMIZATION)
    assert world.read(KUSTOMIZATION).endswith("patches:\n- path: mine.yaml\n")


def test_another_version_is_taken_whole() -> None:
    world = vendored()
    downgrade_platform(world)

    made = world.sync()

    assert made.files[GOTK].verb == "update"
    assert world.read(GOTK).startswith("# Flux v2.9.0")
    assert world.plan(thorough=True).empty


def test_another_version_that_cannot_be_had_leaves_the_old_one_and_says_so() -> None:
    world = vendored()
    downgrade_platform(world)
    world.offline = True

    made = world.sync()

    assert {name: (file.present, file.in_step) for name, file in made.unvendored.items()}["dev-1"] == (True, False)
    assert world.read(GOTK).startswith("# Flux v2.9.4")
    assert "- gotk-components.yaml\n" in world.read(KUSTOMIZATION)
    assert set(world.plan().unvendored) == {"dev-1", "prod-1"}


def test_edited_components_stay_and_who_looks_closely_is_told() -> None:
    world = vendored()
    world.prepend(GOTK)

    assert world.plan().empty
    assert world.plan(thorough=True).empty
    assert world.plan(thorough=True).edits == [GOTK]


def test_news_of_edited_components_are_a_conflict_that_is_told_once() -> None:
    world = vendored()
    world.prepend(GOTK)
    downgrade_platform(world)

    first, second = world.sync(), world.plan(thorough=True)

    assert first.conflicts == {GOTK: WHOLE}
    assert world.read(GOTK).startswith("# mine\n# Flux v2.9.4")
    assert not second.conflicts
    assert second.empty
    assert second.edits == [GOTK]


def test_edits_that_are_just_what_is_asked_for_now_are_none() -> None:
    world = vendored()
    world.edit(GOTK, "v2.9.4", "v2.9.0")
    downgrade_platform(world)

    made = world.sync()

    assert not made.conflicts
    assert world.plan(thorough=True).edits == []


def test_deleted_components_stay_deleted_and_are_told_of_news_once() -> None:
    world = vendored()
    del world.files[GOTK]
    silent = world.plan()
    downgrade_platform(world)

    first, second = world.sync(), world.plan()

    assert silent.empty
    assert not silent.unvendored
    assert first.conflicts == {GOTK: DELETED}
    assert GOTK not in world.files
    assert second.empty
    assert not second.conflicts
    assert world.plan(thorough=True).edits == [GOTK]


def test_deleted_components_are_not_replaced_by_a_url_when_news_cannot_be_had() -> None:
    world = vendored()
    del world.files[GOTK]
    downgrade_platform(world)
    world.offline = True

    world.sync()

    assert "- gotk-components.yaml\n" in world.read(KUSTOMIZATION)


def test_a_file_in_the_place_of_components_is_in_the_way_until_it_is_gone() -> None:
    world = World.of(PLATFORM, ENVIRONMENTS, CLUSTERS)
    world.write(GOTK, "mine\n")

    first, second = world.sync(), world.sync()

    assert first.conflicts == second.conflicts == {GOTK: IN_THE_WAY}
    assert world.read(GOTK) == "mine\n"
    assert GOTK not in parse(world.files[LOCK].content, "")


def test_components_that_were_there_before_us_are_ours_if_they_are_the_same() -> None:
    other = vendored()
    world = World.of(PLATFORM, ENVIRONMENTS, CLUSTERS)
    world.files[GOTK] = other.files[GOTK]

    made = world.sync()

    assert not made.conflicts
    assert world.files == other.files


def test_markers_that_git_left_in_components_are_found() -> None:
    world = vendored()
    world.write(GOTK, "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n")

    assert world.plan(thorough=True).conflicts == {GOTK: MARKERS}


def test_a_removed_cluster_takes_its_components_with_it() -> None:
    world = vendored()
    world.documents(PLATFORM, ENVIRONMENTS, CLUSTERS.partition("---\n")[2])

    made = world.sync()

    assert made.files[GOTK].verb == "delete"
    assert not [path for path in world.files if "dev-1" in path]


@dataclass
class Watched:
    """A source that remembers what was read."""

    below: Source
    reads: list[str] = field(default_factory=list)

    def read(self, path: str) -> File | None:
        self.reads.append(path)
        return self.below.read(path)

    def names(self, folder: str) -> list[str]:
        return self.below.names(folder)


def test_however_many_clusters_ask_each_lock_is_read_twice_at_most() -> None:
    clusters = [f"{{kind: cluster, name: c{number}, environment: dev}}\n" for number in range(20)]
    world = World.of(PLATFORM, ENVIRONMENTS, *clusters)
    world.sync()
    downgrade_platform(world)
    source = Watched(Memory(world.files))

    plan.make(checked(source), source, plan.Tools(git.merge_file, lambda _: None))

    assert all(source.reads.count(path) <= 2 for path in world.files if path.startswith(".scaffolder/"))
    assert not any(path.endswith("gotk-components.yaml") for path in source.reads)
