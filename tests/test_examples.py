"""The examples are goldens: their documents become exactly their trees, and the real programs accept these."""

from __future__ import annotations

import shutil

import jsonschema
import pytest

from scaffolder.spec.load import Spec
from scaffolder.spec.schema import schema
from tests.judges.repository import judge
from tests.support import golden
from tests.support.shared import flux_release


@pytest.mark.parametrize("name", golden.EXAMPLES)
def test_an_example_becomes_its_tree(name, request):
    files = {path: content for path, content in golden.rendered(name).items() if not path.startswith(".scaffolder/")}
    if request.config.getoption("--update-golden"):
        shutil.rmtree(golden.ROOT / name / "tree", ignore_errors=True)
        for path, content in files.items():
            (golden.ROOT / name / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
            (golden.ROOT / name / "tree" / path).write_bytes(content)

    kept = golden.golden(name)

    assert sorted(files) == sorted(kept)
    different = [path for path in files if files[path] != kept[path] and files[path]]
    assert not different, "look at them, then: pytest tests/test_examples.py --update-golden"


@pytest.mark.parametrize("name", golden.EXAMPLES)
def test_the_real_programs_accept_an_example(name, place):
    manifests = flux_release("v2.9.4")
    place.run("new", "fleet", "--file", str(golden.ROOT / name), "--manifests", str(manifests))

    assert judge(place.root / "fleet", kubernetes="1.33", flux="v2.9.4", manifests=manifests) == []


@pytest.mark.parametrize("name", golden.EXAMPLES)
def test_every_document_of_an_example_is_what_its_schema_says(name):
    spec = Spec(golden.documents(name))

    for key in spec.places:
        jsonschema.validate(spec.parsed(key).data, schema(key[0]))
