from __future__ import annotations

import json
import textwrap

import pytest

from tests.cli.support import Make
from tests.support.place import Place

ENVIRONMENTS = """\
kind: platform
name: acme
---
{kind: environment, name: dev}
---
{kind: environment, name: test, after: dev}
---
{kind: environment, name: prod, after: test}
---
"""
CHART = """\
kind: app
name: web
chart: {url: oci://ghcr.io/acme/web, version: 1.0.0}  # the oldest
values: {replicas: 1, image: {tag: a, pull: Always}}
overlays:
  dev:
    version: 2.0.0
    values: {replicas: 2, image: {tag: b}, log: debug}

  # careful
  prod:
    suspend: true
"""
GIT = """\
kind: app
name: site
git: {url: https://git.example.com/site.git, ref: {branch: main}}
overlays:
  dev:
    ref: {tag: v2}
    images:
    - {name: nginx, newTag: 1.15.0}
    - {name: redis, newTag: "7"}
  prod:
    ref: {tag: v1}  # released
    images:
    - name: nginx
      newName: mirror/nginx  # inside
      newTag: 1.14.0
    - {name: busybox, newTag: "1"}
"""


@pytest.fixture
def fleet(repository: Make) -> Place:
    return repository(f"{ENVIRONMENTS}{CHART}---\n{GIT}")


def in_step(fleet: Place) -> None:
    before = fleet.files()
    fleet.run("check")
    fleet.run("sync")
    assert fleet.files() == before


def test_the_version_of_one_environment_becomes_the_other_s_and_nothing_else(fleet: Place) -> None:
    before = fleet.read("gitops.yaml")

    ran = fleet.run("promote", "web", "--from", "dev", "--to", "prod")

    assert fleet.read("gitops.yaml") == before.replace("    suspend: true\n", "    suspend: true\n    version: 2.0.0\n")
    assert ran.out == "APP  FIELD    prod NOW  AS IN dev\nweb  version  1.0.0     2.0.0\n"
    assert "✔ app `web` is promoted from dev to prod\n" in ran.err
    assert "next: git add -A && git commit -m 'Promote app web from dev to prod'\n" in ran.err
    in_step(fleet)


def test_values_go_along_where_they_are_asked_for(fleet: Place) -> None:
    fleet.run("promote", "web", "--from", "dev", "--to", "prod", "--values", "image.tag,log")

    text = fleet.read("gitops.yaml")
    assert text.count("    version: 2.0.0\n    values:\n      image:\n        tag: b\n      log: debug\n") == 1
    assert "replicas: 2" not in text.partition("prod:")[2]
    in_step(fleet)


def test_refs_and_image_tags_go_along_and_other_names_stay(fleet: Place) -> None:
    fleet.run("promote", "site", "--from", "dev", "--to", "prod")

    assert fleet.read("gitops.yaml").partition('7"}\n')[2] == (
        "  prod:\n"
        "    ref: {tag: v2}  # released\n"
        "    images:\n"
        "    - name: nginx\n"
        "      newName: mirror/nginx  # inside\n"
        "      newTag: 1.15.0\n"
        "    - name: redis\n"
        '      newTag: "7"\n'
    )
    in_step(fleet)


def test_what_the_app_itself_says_is_not_repeated_in_an_overlay(fleet: Place) -> None:
    fleet.edit("gitops.yaml", "version: 1.0.0}", "version: 2.0.0}")
    fleet.edit("gitops.yaml", "suspend: true", "version: 1.0.0")

    fleet.run("promote", "web", "--from", "dev", "--to", "prod")

    assert fleet.read("gitops.yaml").partition("# careful\n")[2].startswith("---\n")
    in_step(fleet)


def test_the_ref_of_an_app_is_taken_where_the_environment_has_none(fleet: Place) -> None:
    ran = fleet.run("promote", "site", "--from", "test", "--to", "prod", "-o", "json")

    assert json.loads(ran.out)["promoted"][0] == {
        "app": "site",
        "field": "ref",
        "from": {"tag": "v1"},
        "to": {"branch": "main"},
    }
    assert "released" not in fleet.read("gitops.yaml")


def test_all_apps_of_both_environments_are_promoted_at_once(fleet: Place) -> None:
    ran = fleet.run("promote", "--all", "--from", "dev", "--to", "prod")

    assert "✔ 2 apps are promoted from dev to prod\n" in ran.err
    assert [line.split()[:2] for line in ran.out.splitlines()[1:]] == [
        ["site", "ref"],
        ["site", "images.busybox"],
        ["site", "images.nginx"],
        ["site", "images.redis"],
        ["web", "version"],
    ]


def test_a_second_promotion_says_that_there_is_nothing_to_promote(fleet: Place) -> None:
    fleet.run("promote", "--all", "--from", "dev", "--to", "prod", "--values", "image.tag")
    before = fleet.files()

    ran = fleet.run("promote", "--all", "--from", "dev", "--to", "prod", "--values", "image.tag")

    assert ran.err == "✔ nothing to promote: `prod` has what `dev` has\n"
    assert ran.out == ""
    assert fleet.files() == before


def test_a_dry_run_shows_the_difference_and_changes_nothing(fleet: Place) -> None:
    before = fleet.files()

    ran = fleet.run("promote", "web", "--from", "dev", "--to", "prod", "--dry-run")

    assert "web  version  1.0.0     2.0.0\n" in ran.out
    assert "✔ app `web` would be promoted from dev to prod\n" in ran.err
    assert fleet.files() == before


def test_the_tag_of_an_image_is_promoted(repository: Make) -> None:
    image = "{kind: app, name: web, image: {name: nginx, tag: 1.14.2}"
    overlay = "overlays: {dev: {images: [{name: nginx, newTag: 1.15.0}]}}}\n"
    fleet = repository(f"{ENVIRONMENTS}{image}, {overlay}")

    fleet.run("promote", "web", "--from", "dev", "--to", "test")

    assert "dev: {images: [{name: nginx, newTag: 1.15.0}]}, test: {images: [{name: nginx, newTag: 1.15.0}]}}}" in (
        fleet.read("gitops.yaml")
    )


def test_another_name_of_an_image_goes_into_an_overlay_with_its_tag_and_stays_when_the_tag_is_the_app_s(
    repository: Make,
) -> None:
    app = """\
        kind: app
        name: web
        git: {url: https://git.example.com/x.git, ref: {tag: v1}}
        images:
        - {name: nginx, newName: mirror/nginx, newTag: "1"}
        overlays:
          dev:
            images: [{name: nginx, newName: mirror/nginx, newTag: "2"}]
        """
    fleet = repository(ENVIRONMENTS + textwrap.dedent(app))

    fleet.run("promote", "web", "--from", "dev", "--to", "test")
    fleet.edit("gitops.yaml", '[{name: nginx, newName: mirror/nginx, newTag: "2"}]', "[]")
    fleet.run("promote", "web", "--from", "dev", "--to", "test")

    images = "  test:\n    images:\n    - name: nginx\n      newName: mirror/nginx\n      newTag: "
    assert f'{images}"1"\n' in fleet.read("gitops.yaml")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("web", "--from", "prod", "--to", "dev"), "environment `dev` does not come after `prod`"),
        (("web", "--from", "dev", "--to", "dev"), "environment `dev` does not come after `dev`"),
        (("web", "--from", "dev", "--to", "pord"), "no environment `pord`; did you mean `prod`?"),
        (("wbe", "--from", "dev", "--to", "prod"), "no app `wbe`; did you mean `web`?"),
        (("--from", "dev", "--to", "prod"), "give an app, or --all"),
        (("web", "--all", "--from", "dev", "--to", "prod"), "give an app, or --all"),
        (("new", "--from", "dev", "--to", "prod"), "app `new` has no version in `dev`\n"),
        (("one", "--from", "dev", "--to", "prod"), "app `one` is not in prod"),
        (("web", "--from", "dev", "--to", "prod", "--values", "a.b"), "app `web` has no value `a.b` in `dev`"),
    ],
)
def test_what_cannot_be_promoted_is_refused(fleet: Place, words: tuple[str, ...], said: str) -> None:
    fleet.run("add-app", "new", "--chart", "oci://ghcr.io/acme/new")
    fleet.run("add-app", "one", "--chart", "oci://ghcr.io/acme/one", "-e", "dev,test")
    before = fleet.files()

    ran = fleet.run("promote", *words, code=2)

    assert ran.err.startswith(f"✗ {said}")
    assert fleet.files() == before
