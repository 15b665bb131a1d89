from __future__ import annotations

import functools
import operator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder.errors import DocumentError
from scaffolder.spec.load import Spec
from scaffolder.spec.write import Edits, added, changed, document
from scaffolder.tree import File, Memory
from scaffolder.yamlio import load
from tests.spec.support import small, source

CLUSTER = "# ours\nkind: cluster\nname: c1\nenvironment: dev  # for now\n\nflux:\n  # pinned\n  version: v2.9.4\n"


def after(text: str, path: tuple[str, ...], value: Any) -> str:
    """The cluster's file, changed."""
    files = source({"gitops.yaml": small(), "gitops/clusters/c1.yaml": text})
    (file,) = changed(files, ("cluster", "c1"), path, value).values()
    assert file is not None
    return file.content.decode()


def test_a_new_document_stands_in_its_own_file_without_what_is_empty() -> None:
    files = added("app", "on", {"namespace": None, "environments": [], "chart": {"name": "1e3"}, "suspend": False})

    assert files == {
        "gitops/apps/on.yaml": File(b'kind: app\nname: "on"\nchart:\n  name: "1e3"\nsuspend: false\n'),
    }


def test_a_value_is_set_and_nothing_else() -> None:
    text = after(CLUSTER, ("flux", "version"), "v2.9.5")

    assert text == CLUSTER.replace("v2.9.4", "v2.9.5")


def test_a_value_that_is_not_there_is_added() -> None:
    assert after(CLUSTER, ("variables", "LOG"), "12") == CLUSTER + 'variables:\n  LOG: "12"\n'


def test_where_the_value_is_there_already_no_file_changes() -> None:
    files = source({"gitops.yaml": small(), "gitops/clusters/c1.yaml": CLUSTER})

    assert changed(files, ("cluster", "c1"), ("flux", "version"), "v2.9.4") == {}


def test_only_the_document_that_is_meant_changes_in_a_file_of_many() -> None:
    text = small("{kind: cluster, name: c1, environment: dev} # c", "{kind: cluster, name: c2, environment: dev}")

    files = changed(source(text), ("cluster", "c1"), ("path",), "x")

    assert files == {"gitops.yaml": File(text.replace("dev} # c", "dev, path: x} # c").encode())}


def test_the_mode_of_the_file_stays() -> None:
    files = Memory({"gitops.yaml": File(small().encode(), executable=True)})

    (file,) = changed(files, ("environment", "dev"), ("domain",), "x.y").values()

    assert file is not None
    assert file.executable


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (CLUSTER + "variables: &v {LOG: a}\n---\n# nothing\n", ("variables", "LOG")),
        ("kind: cluster\nname: c1\n? environment\n: dev\n", ("environment",)),
    ],
)
def test_an_unusual_style_is_changed_as_well(text: str, path: tuple[str, ...]) -> None:
    assert load(after(text, path, "new").encode())[0].data[path[0]] in ("new", {"LOG": "new"})


@pytest.mark.parametrize(
    ("text", "path", "place"),
    [
        ("kind: cluster\nname: c1\nenvironment: &e dev\nvariables: {LOG: *e}\n", ("environment",), "3:14"),
        ("kind: cluster\nname: c1\nflux: &f {version: v1}\nvariables: *f\n", ("variables", "LOG"), "4:12"),
        ("kind: cluster\nname: c1\nenvironment: |+\n  dev\n\n", ("path",), "1:1"),
        ("? kind\n: cluster\n? name\n: c1\n? path\n", ("path",), "6:1"),
    ],
)  # fmt: skip
def test_what_cannot_be_changed_alone_is_refused_with_its_place(text: str, path: tuple[str, ...], place: str) -> None:
    with pytest.raises(DocumentError) as caught:
        after(text, path, "new")

    assert caught.value.problems == (
        f"gitops/clusters/c1.yaml:{place}: `{'.'.join(path)}` cannot be set to `new`: change it by hand",
    )


PIECES = [
    "a: ",
    "b: ",
    "x",
    "'y z'",
    "\n",
    "\n  ",
    "- ",
    "{",
    "}",
    "[x]",
    ", ",
    " # c",
    "&p ",
    "*p",
    "|+\n",
    "? ",
    "<<: ",
]


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.lists(st.sampled_from(["a", "b", "k", "name"]), min_size=1, max_size=2),
    st.sampled_from(["x", "two\nlines", True, ["x"], {"k": "v"}, {}]),
)
def test_whatever_the_text_the_value_is_set_or_refused_and_no_other_value_changes(
    text: str, path: list[str], value: Any
) -> None:
    files = Memory({"gitops.yaml": File(f"kind: tenant\nname: t\nk: {text}\n".encode())})
    spec = Spec(files)
    if spec.bad:
        return
    try:
        after = {**files.files, **changed(files, ("tenant", "t"), tuple(path), value)}["gitops.yaml"]
    except DocumentError:
        return

    before, (found,) = spec.value(("tenant", "t"), ()), load(after.content if after else b"")
    assert functools.reduce(operator.getitem, path, found.data) == value
    assert {**found.data, path[0]: None} == {**before, path[0]: None}


@settings(max_examples=100)
@given(
    st.dictionaries(st.sampled_from(["a", "b"]), st.one_of(st.text(), st.booleans(), st.lists(st.text())), max_size=2)
)
def test_a_new_document_holds_what_it_was_given(fields: dict[str, Any]) -> None:
    (found,) = load(document("app", "x", fields).encode())

    assert found.data == {"kind": "app", "name": "x"} | {key: value for key, value in fields.items() if value != []}


MANY = """\
# head

kind: platform
name: acme
---
kind: tenant
name: a
environments: [dev, prod]  # both
--- # the second
kind: tenant
name: b
environments:
- dev
# not test
- prod
"""


def edits() -> Edits:
    return Edits(Spec(source(MANY)))


def text(made: Edits) -> str:
    (file,) = made.files.values()
    assert file is not None
    return file.content.decode()


def test_several_edits_stand_one_upon_the_other() -> None:
    made = edits()

    made.take(("tenant", "b"), ("environments", 0))
    made.drop(("tenant", "a"))
    made.put(("tenant", "b"), ("environments", 1), "test")

    assert text(made) == MANY.replace("---\nkind: tenant\nname: a\nenvironments: [dev, prod]  # both\n", "").replace(
        "- dev\n# not test\n- prod\n", "# not test\n- prod\n- test\n"
    )
    assert made.value(("tenant", "b"), ("environments",)) == ["prod", "test"]


def test_what_would_be_left_empty_goes_with_the_last_that_is_taken() -> None:
    made = edits()

    made.take(("tenant", "a"), ("environments", 1))
    made.take(("tenant", "a"), ("environments", 0))

    assert text(made) == MANY.replace("environments: [dev, prod]  # both\n", "")


@pytest.mark.parametrize("path", [("ref",), ("environments", 2), ("environments", 0, "x"), ("x", "y")])
def test_what_is_not_there_is_not_taken(path: tuple[str | int, ...]) -> None:
    made = edits()

    made.take(("tenant", "a"), path)

    assert made.files == {}


def test_a_document_that_is_alone_in_its_file_takes_the_file_with_it() -> None:
    made = Edits(Spec(source({"gitops.yaml": small(), "gitops/clusters/c1.yaml": CLUSTER})))

    made.drop(("cluster", "c1"))

    assert made.files == {"gitops/clusters/c1.yaml": None}


def test_an_anchor_that_others_need_is_not_taken_out() -> None:
    text = "kind: cluster\nname: c1\nenvironment: dev\nref: &r refs/heads/x\nvariables: {A: *r}\n"
    made = Edits(Spec(source({"gitops.yaml": small(), "gitops/clusters/c1.yaml": text})))

    with pytest.raises(DocumentError) as caught:
        made.take(("cluster", "c1"), ("ref",))

    assert caught.value.problems == ("gitops/clusters/c1.yaml:4:6: `ref` cannot be taken out: change it by hand",)
    assert made.files == {}
