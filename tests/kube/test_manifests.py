from __future__ import annotations

from scaffolder.kube.manifests import stages

TEXT = """\
apiVersion: v1
kind: Namespace
metadata: {name: flux-system}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: source-controller}
spec:
  note: |
    kind: CustomResourceDefinition
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: buckets.source.toolkit.fluxcd.io}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system}
"""


def test_kinds_and_namespaces_come_first_and_the_objects_of_flux_last() -> None:
    found = stages(TEXT)

    assert [part.count("metadata:") for part in (found.first, found.components, found.sync)] == [2, 1, 1]
    assert "kind: Namespace" in found.first
    assert "buckets.source" in found.first
    assert "kind: Deployment" in found.components
    assert "kind: GitRepository" in found.sync


def test_no_text_is_lost_and_comments_alone_are_nothing() -> None:
    found = stages("# a comment\n---\n" + TEXT)

    whole = f"{found.first}---\n{found.components}---\n{found.sync}"
    assert sorted(whole.splitlines()) == sorted(TEXT.splitlines())
