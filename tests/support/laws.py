"""How laws are tried: on random examples, in CI on the same ones each time."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings


def law(examples: int = 40) -> settings:
    """A law over real files and real git, so slower than Hypothesis expects."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=os.environ.get("SCAFFOLDER_CI") == "1",
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
