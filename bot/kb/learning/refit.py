"""The search learns from this installation's own opinions; nothing leaves the machine."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select

from bot.db.unit_of_work import UnitOfWork
from bot.kb.articles.sync import bump
from bot.kb.judging.calibration import AS_SHIPPED, ENOUGH, ENOUGH_OF_EACH, Layer, fit
from bot.kb.learning.models import Calibration, Feedback

NEWEST = 5_000


@dataclass(frozen=True, slots=True)
class Refitted:
    """What a fit found: how many opinions there are of each kind, and the layer, None while they are too few."""

    helped: int
    not_helped: int
    layer: Layer | None
    changed: bool

    @property
    def lacking(self) -> int:
        """How many more opinions a fit needs at least."""
        few = max(0, ENOUGH_OF_EACH - self.helped) + max(0, ENOUGH_OF_EACH - self.not_helped)
        return max(few, ENOUGH - self.helped - self.not_helped)


def layer_in_force(session: Session) -> Layer:
    """The newest layer, or the one that is shipped."""
    row = session.exec(select(Calibration).order_by(col(Calibration.id).desc()).limit(1)).first()
    return Layer(float(row.layer["slope"]), float(row.layer["shift"])) if row else AS_SHIPPED


def refit(uow: UnitOfWork, again: timedelta) -> Refitted:
    """Fit the layer of confidence on what became of direct answers; other processes take it up like an edit.

    `again`: as `outcomes` has it. Articles that a person picked from suggestions have no probability and don't count.
    """
    opinions = outcomes(uow.session, again)
    helped = sum(right for _, right in opinions)
    layer = fit(opinions)
    changed = layer is not None and layer != layer_in_force(uow.session)
    if changed and layer is not None:
        values = {"slope": layer.slope, "shift": layer.shift}
        uow.session.add(Calibration(layer=values, answers=len(opinions), fitted_at=uow.now))
        bump(uow.session)
    return Refitted(helped, len(opinions) - helped, layer, changed)


def outcomes(session: Session, again: timedelta) -> list[tuple[float, bool]]:
    """(Probability, whether it was right) of the newest direct answers: by «Помогло» and «Не помогло», and whoever is
    shown the same article for another question of theirs within `again` was not helped, whatever they said (R13)."""
    rows = session.exec(select(Feedback).order_by(col(Feedback.id).desc()).limit(NEWEST)).all()
    later: dict[tuple[int | None, str], list[Feedback]] = {}
    found: list[tuple[float, bool]] = []
    for row in rows:  # the newest first
        showings = later.setdefault((row.person_id, row.article_code), [])
        returned = row.person_id is not None and any(_returned(row, showing, again) for showing in showings)
        showings.append(row)
        if row.score_bp > 0 and (returned or row.helped is not None):
            found.append((row.score_bp / 10_000, bool(row.helped) and not returned))
    return found


def _returned(row: Feedback, later: Feedback, again: timedelta) -> bool:
    return later.appeal_id != row.appeal_id and later.asked_at - row.asked_at <= again
