"""What the tests of doctors share: a forge of a few answers."""

from __future__ import annotations

from scaffolder.forge import http
from scaffolder.forge.doctor import Job, doctor
from tests.support.answers import Answers

JOB = Job("acme", "fleet")


def examined(kind: str, answers: Answers, job: Job = JOB) -> dict[str, list[str]]:
    """What a forge's doctor says of a job: level to messages. It only reads."""
    found: dict[str, list[str]] = {}
    with http.opened(answers.base, {}, token="open-sesame-17") as api:
        for sign in doctor(kind).examine(api, job):
            found.setdefault(sign.level, []).append(sign.message)
    assert {request.partition(" ")[0] for request in answers.requests} == {"GET"}
    return found
