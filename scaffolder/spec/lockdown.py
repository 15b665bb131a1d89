"""What `lockdown: true` does not go with: it keeps every app to its namespace, and to the account that stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scaffolder.spec.app import ACCOUNT
from scaffolder.spec.problems import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.spec.app import App
    from scaffolder.spec.load import Spec
    from scaffolder.spec.model import Platform, Tenant

LOGIN: Final = ("username", "password")  # keys of the Secret that `flux bootstrap --token-auth` makes


def platform_rules(platform: Platform) -> Iterator[Found]:
    """Each namespace fetches the repository itself, with a login that Flux hands down as variables."""
    url = platform.repository.url or ""
    if platform.lockdown and url.startswith("ssh://"):
        message = "`lockdown` needs a repository that is fetched over https: an SSH key cannot be handed to namespaces"
        yield Found(("lockdown",), f"{message}; set `repository.url` to https://… and bootstrap with --token-auth")
    for name in LOGIN if platform.hands_down_login else ():
        if name in platform.variables:
            message = f"the variable `{name}` clashes with the login that `lockdown` hands to namespaces; rename it"
            yield Found(("variables", name), message, of_key=True)


def tenant_rules(spec: Spec, tenant: Tenant) -> Iterator[Found]:
    """Flux's own namespace holds the account that may do everything."""
    if spec.platform.lockdown and tenant.name == spec.platform.flux.namespace:
        message = f"under `lockdown` `{tenant.name}`, where Flux itself lives, cannot be a tenant"
        yield Found(("name",), f"{message}: its apps could do everything")


def app_rules(spec: Spec, app: App) -> Iterator[Found]:
    """An app is applied in its own namespace, as the account of that."""
    if not spec.platform.lockdown:
        return
    if app.target_namespace not in {None, app.home}:
        message = f"under `lockdown` an app stays in its namespace `{app.home}`: leave `targetNamespace` out"
        yield Found(("targetNamespace",), message)
    if app.service_account_name not in {None, ACCOUNT}:
        message = f"under `lockdown` apps are applied as `{ACCOUNT}`: leave `serviceAccountName` out"
        yield Found(("serviceAccountName",), f"{message}, and bind that account to more where the app needs it")
