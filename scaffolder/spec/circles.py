"""Documents that lead back to themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scaffolder.spec.app import App
from scaffolder.spec.model import Environment
from scaffolder.spec.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scaffolder.spec.load import Key, Spec

FEW: Final = 8  # names; of a longer way the middle is left out


def circles(names: Iterable[str], follow: Callable[[str], Iterable[str]]) -> Iterator[tuple[str, ...]]:
    """Ways that end where they began, such as (a, b, a). Each step is taken once, so that all takes linear time."""
    done: set[str] = set()
    for name in names:
        way = {} if name in done else {name: iter(follow(name))}
        while way:
            here = next(reversed(way))
            step = next(way[here], None)
            if step is None:
                done.add(here)
                del way[here]
            elif step in way:
                steps = list(way)
                yield (*steps[steps.index(step) :], step)
            elif step not in done:
                way[step] = iter(follow(step))


def app_circles(spec: Spec, chosen: Iterable[Key]) -> Iterator[Problem]:
    """Apps that wait for each other, each circle at one of its references."""

    def follow(name: str) -> Iterator[str]:
        app = spec.readable(App, name)
        yield from (r.name for r in app.depends_on if r.name != name and ("app", r.name) in spec) if app else ()

    for way in circles((name for kind, name in chosen if kind == "app"), follow):
        index = [reference.name for reference in spec.app(way[-2]).depends_on].index(way[-1])
        message = f"the apps wait for each other: {_told(way, ' -> ')}"
        yield Problem("app", way[-2], ("dependsOn", index, "name"), message)


def environment_circles(spec: Spec, chosen: Iterable[Key]) -> Iterator[Problem]:
    """Environments that come after each other."""

    def follow(name: str) -> Iterator[str]:
        environment = spec.readable(Environment, name)
        if environment and environment.after is not None and ("environment", environment.after) in spec:
            yield environment.after

    for way in circles((name for kind, name in chosen if kind == "environment"), follow):
        yield Problem("environment", way[-2], ("after",), f"`after` goes round in a circle: {_told(way, ' after ')}")


def _told(way: tuple[str, ...], joint: str) -> str:
    return joint.join(way if len(way) <= FEW else (*way[: FEW // 2], "…", *way[-FEW // 2 :]))
