from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from scaffolder.spec.circles import circles
from tests.spec.support import CHART, told

GRAPHS = st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=3))


def leads_back(graph: dict[str, list[str]], start: str) -> bool:
    seen: set[str] = set()
    ahead = list(graph.get(start, ()))
    while ahead:
        step = ahead.pop()
        if step not in seen:
            seen.add(step)
            ahead += graph.get(step, ())
    return start in seen


@given(GRAPHS)
def test_a_circle_is_a_way_and_is_found_where_there_is_one(graph: dict[str, list[str]]) -> None:
    found = list(circles(graph, lambda name: graph.get(name, ())))

    assert bool(found) == any(leads_back(graph, name) for name in graph)
    for way in found:
        assert way[0] == way[-1]
        assert all(step in graph[name] for name, step in itertools.pairwise(way))


def test_ways_that_part_and_meet_again_are_not_gone_twice() -> None:
    diamonds = {f"{side}{n}": [f"a{n + 1}", f"b{n + 1}"] for n in range(40) for side in "ab"}

    assert list(circles(["a0"], lambda name: diamonds.get(name, ()))) == []


def test_a_circle_is_told_once_and_of_a_long_one_only_the_ends() -> None:
    apps = [f"{{kind: app, name: a{n}, {CHART}, dependsOn: [{{name: a{(n + 1) % 20}}}]}}" for n in range(20)]

    (line,) = told(*apps)

    assert "a0 -> a1 -> a2 -> a3 -> … -> a17 -> a18 -> a19 -> a0" in line


def test_environments_that_come_after_each_other_are_told() -> None:
    (line,) = told("{kind: environment, name: a, after: b}", "{kind: environment, name: b, after: a}")

    assert line == "9:37: `after` goes round in a circle: a after b after a"
