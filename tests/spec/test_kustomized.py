from __future__ import annotations

from typing import Any

import pytest

from scaffolder.spec.kustomized import patch_problem, unmergeable

MERGE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n"
OPERATIONS = "- op: remove\n  path: /data/a\n"


@pytest.mark.parametrize("text", [MERGE, f"# why\n{MERGE}", f"{MERGE}---\n{MERGE}", MERGE + "$patch: delete\n"])
@pytest.mark.parametrize("targeted", [True, False])
def test_a_merge_patch_names_its_object_and_may_have_a_target_too(text: str, *, targeted: bool) -> None:
    assert patch_problem(text, targeted=targeted) == ""


@pytest.mark.parametrize("text", [OPERATIONS, '[{"op": "test", "path": "/a", "value": null}]', f"# why\n{OPERATIONS}"])
def test_operations_need_a_target(text: str) -> None:
    assert patch_problem(text, targeted=True) == ""
    assert patch_problem(text, targeted=False).startswith("needs a `target`")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# nothing\n", "is no patch: it is empty"),
        ("a: [\n", "is no patch: in its line 2, "),
        ("a: 1\na: 2\n", "is no patch: in its line 2, the key `a` stands here twice"),
        ("text\n", "is neither a merge patch nor a list of operations"),
        ("- op: remove\n", "is neither"),
        ("- path: /a\n", "is neither"),
        ("- op: remove\n  path: data\n", "is neither"),
        ("- text\n", "is neither"),
        ("data: {a: b}\n", "needs apiVersion, kind and metadata.name"),
        ("kind: A\nmetadata: {name: a}\n", "needs apiVersion"),
        ("apiVersion: v1\nkind: A\nmetadata: []\n", "needs apiVersion"),
        (f"{MERGE}---\ndata: {{}}\n", "needs apiVersion"),
        ("[{op: remove, path: /a}]", "begins with [, so it must be JSON"),
    ],
)
def test_what_kustomize_would_not_take_for_a_patch_is_told(text: str, problem: str) -> None:
    assert patch_problem(text, targeted=True).startswith(problem)


@pytest.mark.parametrize(
    ("values", "laid_over"),
    [
        ({}, {"a": {"b": [1]}}),
        ({"a": None}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": {"b": 2, "c": {}}}),
        ({"a": {"b": 1}}, {"a": {}}),
        ({"a": [1]}, {"a": []}),
        ({"a": "x"}, {"a": "1"}),
        ({"a": 1}, {"a": 1.5}),
        ({"a": 1}, {"a": True}),
        ({"a": True}, {"a": "yes"}),
    ],
)
def test_values_of_one_kind_can_be_laid_over_each_other(values: dict[str, Any], laid_over: dict[str, Any]) -> None:
    assert list(unmergeable(values, laid_over, ())) == []


@pytest.mark.parametrize(
    ("values", "laid_over", "path", "message"),
    [
        ({"a": {"b": {}}}, {"a": {"b": 1}}, ("a", "b"), "is a number or boolean where the app has a mapping"),
        ({"a": {"b": 1}}, {"a": [1]}, ("a",), "is a list where the app has a mapping"),
        ({"a": [1]}, {"a": {"b": 1}}, ("a",), "is a mapping where the app has a list"),
        ({"a": 1}, {"a": [1]}, ("a",), "is a list where the app has a number or boolean"),
        ({"a": "1"}, {"a": 2}, ("a",), "is a number or boolean where the app has text"),
        ({"a": ""}, {"a": True}, ("a",), "is a number or boolean where the app has text"),
        ({}, {"a": {"": 1}}, ("a", ""), "`` cannot be the name of a value"),
        ({}, {"$patch": "delete"}, ("$patch",), "`$patch` cannot be the name of a value"),
    ],
)
def test_values_that_kustomize_would_refuse_or_change_are_told_at_their_place(
    values: dict[str, Any], laid_over: dict[str, Any], path: tuple[str, ...], message: str
) -> None:
    (found,) = unmergeable(values, laid_over, ())

    assert found.path == path
    assert found.message.startswith(message)
