"""Live sessions are judged one by one, and a defect in one is nobody else's luck."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from catflap.core.nouns import Decision
from catflap.relay.judging import Judging

if TYPE_CHECKING:
    from catflap.relay.pump.pump import Outcome
    from catflap.relay.session import Session

_NO = Decision(allowed=False, rule="range", reason="no longer")


class _Session:
    """One that lives, as far as judging sees it."""

    was_opened, is_over, near, far = True, False, None, None

    def __init__(self, name: str, bridging: Any) -> None:
        self.id = name
        self.bridging = bridging
        self.ended: list[Outcome] = []

    def end(self, outcome: Outcome) -> None:
        """Remember how."""
        self.ended.append(outcome)


def test_a_defect_in_one_session_spares_no_other(monkeypatch: Any) -> None:
    """It is ended and told, and those that come after it are judged all the same."""
    told: list[dict[str, Any]] = []
    guard = SimpleNamespace(is_timed=False)
    bridging: Any = SimpleNamespace(
        loop=SimpleNamespace(loop=SimpleNamespace(call_exception_handler=told.append)),
        admission=SimpleNamespace(guard=guard),
    )
    sessions = [_Session("one", bridging), _Session("two", bridging)]
    bridging.registry = sessions
    judging = Judging(bridging)

    def verdict(session: Session) -> Decision:
        if session is cast("Any", sessions[0]):
            raise ZeroDivisionError
        return _NO

    monkeypatch.setattr(judging, "verdict", verdict)
    judging.judge_all()
    assert [session.ended[0].closed_by for session in sessions] == ["error", "policy"]
    assert isinstance(told[0]["exception"], ZeroDivisionError)
