"""When a request to GitHub is repeated, and for how long we wait."""

from __future__ import annotations

from typing import Any, Final

from github import GithubException
from github.GithubRetry import GithubRetry

from scaffolder.errors import ForgeError
from scaffolder.forge import pace

FORBIDDEN: Final = 403  # GitHub's answer to too many requests; PyGithub tells it from a real one
COUNTED: Final = frozenset({FORBIDDEN, pace.TOO_MANY})
REPEATABLE: Final = frozenset({"GET", "PUT", "PATCH", "DELETE"})


class Patient(GithubRetry):
    """PyGithub's own, with an end: for one request it never waits longer than `pace.PATIENCE` altogether.

    A POST is repeated only where nothing can have happened: no connection came to be, or GitHub counts requests and
    says that it did not take this one.
    """

    left = pace.PATIENCE
    asked = 0.0

    @classmethod
    def usual(cls) -> Patient:
        unmade = sum(pause <= pace.SOON for pause in pace.PAUSES)
        return cls(
            total=len(pace.PAUSES),
            connect=unmade,
            other=0,  # a certificate gets no better
            backoff_factor=pace.PAUSES[0],
            status_forcelist=list(pace.BUSY),
            allowed_methods=REPEATABLE,
            raise_on_status=False,
        )

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:  # noqa: FBT001, FBT002  urllib3's
        return (method == "POST" and status_code in COUNTED) or super().is_retry(method, status_code, has_retry_after)

    def increment(self, *said: Any, **more: Any) -> Patient:
        try:
            return self._next(*said, **more)
        except (ForgeError, GithubException):
            more["response"].close()  # nobody else will
            raise

    def _next(self, *said: Any, **more: Any) -> Patient:
        following: Patient = super().increment(*said, **more)  # type: ignore[assignment]  # it is made by `new`
        response = more.get("response")
        if response is not None and response.status == pace.TOO_MANY:
            following.asked = pace.asked(response.headers) or 0.0
        retry_after = following.get_retry_after(response) if response is not None else None
        wait = retry_after or following.get_backoff_time()
        if wait > self.left:
            hint = f"it asks to wait {wait:.0f} seconds; then run this again"
            raise ForgeError("GitHub has had too many requests with this token", hint=hint)
        following.left = self.left - wait
        return following

    def get_backoff_time(self) -> float:
        return self.asked or super().get_backoff_time()
