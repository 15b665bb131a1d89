"""Clusters: what `flux bootstrap` does there after its commits, through the user's `kubectl`."""
