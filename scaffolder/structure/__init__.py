"""The three-way merge of YAML text by its keys, for where lines collide and keys do not.

A text is cut into blocks: one for each key of a mapping, one for each item of a list whose items all have a `name` of
their own, each with the comments above it. Blocks that one side alone has changed are taken from there as they are
written; one that both have changed is cut again. Text that is not plainly of this form, and whatever cannot be proven
from the data that a strict reader finds, is left to people.
"""

from scaffolder.structure.merge import merge

__all__ = ["merge"]
