from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder.cli.work.bootstrap.flags import names_of
from scaffolder.cli.work.session import checked
from scaffolder.cli.work.starter import Starter, documents
from scaffolder.errors import UsageError
from scaffolder.spec.load import Spec
from scaffolder.spec.types import LABEL
from scaffolder.tree import Memory
from tests.support.place import Place

LABELS = st.from_regex(r"\A[a-z][a-z0-9]{0,9}\Z").filter(
    lambda name: name not in {"base", "flux", "pin", "namespace", "install"}
)


def spec_of(asked: Starter, folder: str = "fleet") -> Spec:
    return checked(Memory(documents(asked, folder)))


@settings(max_examples=30, deadline=None)
@given(LABELS, st.lists(LABELS, unique=True, max_size=4), st.dictionaries(LABELS, LABELS, max_size=4))
def test_what_was_asked_for_stands_in_the_documents(name: str, stages: list[str], clusters: dict[str, str]) -> None:
    asked = tuple(f"{environment}/{cluster}" for cluster, environment in clusters.items())

    spec = spec_of(Starter(name=name, environments=tuple(stages), clusters=asked))

    wanted = clusters or {f"{stage}-1": stage for stage in stages or ("dev", "staging", "prod")}
    assert spec.platform.name == name
    assert {cluster: spec.cluster(cluster).environment for cluster in spec.names("cluster")} == wanted
    assert set(spec.names("environment")) == {*stages, *wanted.values()}
    assert [spec.environment(stage).after for stage in stages] == ([None, *stages[:-1]] if stages else [])


def test_every_option_has_its_field() -> None:
    asked = Starter(
        url="ssh://git@example.com/acme/fleet",
        branch="trunk",
        domain="example.com",
        variables=("A=1", "B=x=y"),
        flux_version="v2.8.8",
        kubernetes="1.34",
    )

    platform = spec_of(asked).platform

    assert (platform.repository.url, platform.repository.branch) == ("ssh://git@example.com/acme/fleet", "trunk")
    assert (platform.domain, platform.variables) == ("example.com", {"A": "1", "B": "x=y"})
    assert (platform.flux.version, platform.kubernetes) == ("v2.8.8", "1.34")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Starter(clusters=("prod",)), "--cluster prod: must be ENV/NAME, such as prod/eu-1"),
        (Starter(clusters=("/x",)), "--cluster /x: must be ENV/NAME, such as prod/eu-1"),
        (Starter(clusters=("a/x", "b/x")), "--cluster b/x: the cluster `x` is in `a` already"),
        (Starter(clusters=("a/X",)), "`X` cannot be the name of a cluster: it must be a DNS label"),
        (Starter(environments=("Prod",)), "`Prod` cannot be the name of an environment: it must be a DNS label"),
        (Starter(clusters=("A/x",)), "`A` cannot be the name of an environment: it must be a DNS label"),
        (Starter(variables=("A",)), "--variable A: must be NAME=VALUE"),
        (Starter(variables=("1A=x",)), "platform `fleet`: `variables.1A` must be a variable name"),
        (Starter(variables=("DOMAIN=x",)), "platform `fleet`: `variables.DOMAIN` is set by scaffolder itself"),
        (Starter(url="fleet.git"), "platform `fleet`: `repository.url` must be a URL"),
        (Starter(branch="a..b"), "platform `fleet`: `repository.branch` is not a name that Git accepts"),
        (Starter(flux_version="2.9"), "platform `fleet`: `flux.version` `2.9` is not a Flux release"),
    ],
)
def test_what_cannot_be_meant_is_told_in_the_flag_s_words(asked: Starter, said: str) -> None:
    with pytest.raises(UsageError) as error:
        documents(asked, "fleet")

    assert error.value.message.startswith(said), error.value.message


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(UsageError) as error:
        documents(Starter(url="x", branch="a b", domain="-"), "fleet")

    assert len(error.value.message.splitlines()) == 3


@settings(max_examples=50, deadline=None)
@given(st.text("aB1-_./ é", max_size=30), st.text("aB1-_.", min_size=1, max_size=20))
def test_names_out_of_a_path_are_labels_or_nothing(path: str, repository: str) -> None:
    for name in names_of(path, repository):
        assert name == "" or LABEL.fullmatch(name)


def folder(place: Place, **files: str) -> None:
    """Documents in the folder `docs`, by the names of their files without `.yaml`; `__` stands for a slash."""
    for name, text in files.items():
        place.write(f"docs/{name.replace('__', '/')}.yaml", text)


def test_a_folder_s_documents_are_taken_as_they_stand_there(place: Place) -> None:
    folder(
        place,
        gitops="{kind: platform, name: acme, templates: 0.4.0, flux: {version: v2.9.4}}   # ours\r\n",
        gitops__tenants__web="# who?\nkind: tenant\nname: web\n",
    )
    place.write("docs/README.md", "no document")

    place.run("new", "fleet", "--file", "docs")

    fleet = place.inside("fleet")
    assert (fleet.root / "gitops.yaml").read_bytes() == (place.root / "docs/gitops.yaml").read_bytes()
    assert fleet.read("gitops/tenants/web.yaml") == place.read("docs/gitops/tenants/web.yaml")
    assert "no document" not in fleet.read("README.md")
    fleet.run("check")


def test_a_folder_without_gitops_yaml_gets_its_versions_where_the_platform_stands(place: Place) -> None:
    folder(place, gitops__platforms__acme="kind: platform\nname: acme\n")

    place.run("new", "fleet", "--file", str(place.root / "docs"))

    assert "templates: " in place.read("fleet/gitops/platforms/acme.yaml")
    assert not (place.root / "fleet/gitops.yaml").exists()


def test_a_folder_without_documents_is_refused(place: Place) -> None:
    ran = place.run("new", "fleet", "--file", ".", code=2)

    assert ran.err == "✗ --file . holds no documents: neither gitops.yaml nor gitops/\n"


def test_what_is_wrong_in_a_folder_is_told_with_the_way_there(place: Place) -> None:
    folder(place, gitops="kind: tenant\nname: web\n", gitops__tenants__web="kind: tenant\nname: web\n")
    folder(place, gitops__apps__x="kind: app\n", gitops__stray="a: b\n")

    ran = place.run("new", "fleet", "--file", "docs", code=3)

    assert "✗ docs/gitops.yaml:2:7: tenant `web` is already in docs/gitops/tenants/web.yaml:1:1\n" in ran.err
    assert "✗ docs/gitops/stray.yaml:1:1: is no place for documents" in ran.err
    assert "docs/docs" not in ran.err
    assert not (place.root / "fleet").exists()


def test_a_document_that_is_a_link_is_refused(place: Place) -> None:
    folder(place, gitops="kind: platform\nname: acme\n", elsewhere="kind: tenant\nname: web\n")
    (place.root / "docs/gitops/tenants").mkdir(parents=True)
    (place.root / "docs/gitops/tenants/web.yaml").symlink_to(place.root / "docs/elsewhere.yaml")

    ran = place.run("new", "fleet", "--file", "docs", code=3)

    assert ran.err == "✗ docs/gitops/tenants/web.yaml:1:1: is a folder or a link: documents stand in files\n"
