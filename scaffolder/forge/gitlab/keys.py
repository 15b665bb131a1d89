"""What opens one project: deploy keys for SSH, deploy tokens for HTTPS."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from gitlab.exceptions import GitlabError

from scaffolder.forge.base import Action, DeployKey, Ensured, Hosted
from scaffolder.forge.gitlab.api import TAKEN, Api, said_of
from scaffolder.git.credentials import Access

SCOPES: Final = ("read_repository",)


def find(api: Api, hosted: Hosted, title: str) -> DeployKey | None:
    """The deploy key of a title."""
    return next((key for _, key in _keys(api, hosted) if key.title == title), None)


def ensure(api: Api, hosted: Hosted, wanted: DeployKey) -> Ensured[DeployKey]:
    """Makes it the key of its title. GitLab may have the same key under another title, which then is ours, too."""
    ours = {
        number: key
        for number, key in _keys(api, hosted)
        if key.title == wanted.title or key.key.split()[:2] == wanted.key.split()[:2]
    }
    if any(key.same(wanted) for key in ours.values()):
        return Ensured(wanted, Action.UNCHANGED)
    project = api.of(hosted)
    with api.telling(f"the deploy key `{wanted.title}` cannot be set"):
        for old in ours:
            api.found(partial(project.keys.delete, old))
        try:
            project.keys.create({"title": wanted.title, "key": wanted.key, "can_push": not wanted.read_only})
        except GitlabError as error:
            number = _elsewhere(api, wanted) if TAKEN in said_of(error) else None
            if number is None:
                raise
            project.keys.enable(number)
            if not wanted.read_only:
                project.keys.update(number, {"can_push": True})
    return Ensured(wanted, Action.UPDATED if ours else Action.CREATED)


def works(api: Api, hosted: Hosted, name: str, username: str) -> bool:
    """Whether a project has a deploy token of this name for this user name that is neither expired nor revoked."""
    return any(each["username"] == username for each in _tokens(api, hosted, name))


def lend(api: Api, hosted: Hosted, name: str) -> Access:
    """A new deploy token that may read the repository; those of its name end. GitLab shows it only now."""
    old, project = list(_tokens(api, hosted, name)), api.of(hosted)
    with api.telling(f"the deploy token `{name}` cannot be made"):
        for each in old:
            api.found(partial(project.deploytokens.delete, each["id"]))
        made = project.deploytokens.create({"name": name, "scopes": list(SCOPES)})
    return Access(made.username, made.token)


def _keys(api: Api, hosted: Hosted) -> list[tuple[int, DeployKey]]:
    with api.telling(f"the deploy keys of {hosted.owner}/{hosted.name} cannot be read"):
        return [
            (each.id, DeployKey(each.title, each.key, read_only=not each.can_push))
            for each in api.of(hosted).keys.list(iterator=True)
        ]


def _elsewhere(api: Api, wanted: DeployKey) -> int | None:
    """The number of a key that another project of this user has."""
    user = api.user()["id"]
    for each in api.library.http_list(f"/users/{user}/project_deploy_keys", iterator=True):
        if each["key"].split()[:2] == wanted.key.split()[:2]:
            return int(each["id"])
    return None


def _tokens(api: Api, hosted: Hosted, name: str) -> list[dict[str, Any]]:
    with api.telling(f"the deploy tokens of {hosted.owner}/{hosted.name} cannot be read"):
        found = api.of(hosted).deploytokens.list(active=True, iterator=True)
        return [each.attributes for each in found if each.name == name]
