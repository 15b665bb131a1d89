from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder.cli.work.flags import names_of
from scaffolder.cli.work.session import checked
from scaffolder.cli.work.starter import Starter, documents
from scaffolder.errors import UsageError
from scaffolder.spec.load import Spec
from scaffolder.spec.types import LABEL
from scaffolder.tree import Memory

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
