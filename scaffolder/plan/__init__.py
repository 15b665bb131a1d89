"""What has to be done so that a repository holds what its documents ask for, and people's edits beside it.

Pure: everything is read through a `Source`, and nothing is written. `apply` carries a plan out.
"""

from scaffolder.plan.make import make
from scaffolder.plan.records import Change, Plan, Tools
from scaffolder.plan.unfinished import Unfinished

__all__ = ["Change", "Plan", "Tools", "Unfinished", "make"]
