"""A few documents in, a complete GitOps cluster repository out."""

__version__ = "0.1.0"
