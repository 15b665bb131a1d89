from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scaffolder.errors import TemplateError
from scaffolder.releases import newest
from scaffolder.render.engine import render
from scaffolder.render.inputs import inputs
from scaffolder.render.units import Unit, all_units
from tests.render.trees import APPS, PLATFORM, spec_of, tree_of

DOCUMENTS = (PLATFORM.replace("FLUX", "v2.9.4"), APPS)


def fingerprint() -> str:
    """A digest of every path and byte, in the order in which they are made."""
    return hashlib.sha256(repr(list(tree_of(spec_of(*DOCUMENTS)).items())).encode()).hexdigest()


def test_rendering_twice_gives_the_same_bytes_in_the_same_order() -> None:
    assert fingerprint() == fingerprint()


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_another_process_with_another_environment_gives_the_same_bytes(seed: str, tmp_path: Path) -> None:
    odd = {"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "LC_ALL": "C", "HOME": str(tmp_path), "USER": "nobody"}
    code = "from tests.render.test_engine import fingerprint; print(fingerprint())"

    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.defpath, "PYTHONPATH": str(Path(__file__).parents[2]), **odd},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout.strip() == fingerprint()


def test_two_units_never_write_one_path() -> None:
    spec = spec_of(*DOCUMENTS)

    paths = [path for unit in all_units(spec) for path in render(newest(), unit, inputs(spec, unit)).files]

    assert len(paths) == len(set(paths))


@pytest.mark.parametrize("folder", ["..", "a/../..", ".git", "a/.GIT/b", "a\\b", "a\nb", "x" * 300])
def test_a_path_that_leads_astray_is_refused_whatever_the_inputs_say(folder: str) -> None:
    spec = spec_of(*DOCUMENTS)
    data = inputs(spec, Unit("cluster", "dev-1")) | {"folder": folder}

    with pytest.raises(TemplateError, match="the path"):
        render(newest(), Unit("cluster", "dev-1"), data)


def test_an_absolute_path_leaves_every_file_out() -> None:
    spec = spec_of(*DOCUMENTS)
    data = inputs(spec, Unit("cluster", "dev-1")) | {"folder": "/etc"}

    assert render(newest(), Unit("cluster", "dev-1"), data).files == {}


def test_an_input_that_is_missing_is_named_with_its_place() -> None:
    spec = spec_of(*DOCUMENTS)
    data = inputs(spec, Unit("app", "plain", "dev"))
    del data["wiring"]

    with pytest.raises(TemplateError, match=r"^app@place/.*: 'wiring' is undefined$"):
        render(newest(), Unit("app", "plain", "dev"), data)


def test_an_unknown_version_of_the_templates_is_told_with_those_that_are_known() -> None:
    with pytest.raises(TemplateError, match=r"no templates 9\.9\.9") as error:
        render("9.9.9", Unit("app", "plain"), {})

    assert newest() in error.value.hint
