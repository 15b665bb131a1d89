from __future__ import annotations

import pytest

from scaffolder.releases import versions
from scaffolder.render.support import problems
from scaffolder.spec.load import Spec
from tests.spec.support import small, source

OLD = [version for version in versions() if version in {"0.1.0", "0.2.0"}]


def told(fields: str) -> list[str]:
    return problems(Spec(source(small().replace("acme,", f"acme, {fields},", 1))))


@pytest.mark.parametrize("version", OLD)
def test_lockdown_with_templates_that_do_not_know_it_is_told_with_those_that_do(version: str) -> None:
    (line,) = told(f"templates: {version}, lockdown: true")

    assert line == (
        f"gitops.yaml:1:58: `lockdown` needs templates 0.3.0 or newer, not {version}: `scaffolder update` brings them"
    )


@pytest.mark.parametrize("fields", ["templates: 0.3.0, lockdown: true", "lockdown: true", "templates: 0.1.0"])
def test_templates_that_know_all_that_is_asked_for_are_fine(fields: str) -> None:
    assert told(fields) == []
