"""The demo company and the knowledge base, brought into a database as a user would."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from bot.answers.skills.sync import sync_skills
from bot.billing.seller.particulars import seller_of
from bot.billing.statements.start import begin_billing
from bot.calendar.periods import month_of
from bot.db.clock import utc_now
from bot.db.engine import Database
from bot.db.unit_of_work import Office
from bot.imports.bring_in import bring_in
from bot.kb.articles.sync import sync_articles

ROOT = Path(__file__).resolve().parents[2]


class _Silent:
    """Loading tells nobody."""

    def tell(self, *_args: object, **_options: object) -> None:
        return


def furnish(database: Database, clock: Callable[[], datetime] = utc_now) -> None:
    """Bring the demo company and the knowledge base into a migrated database, as `import` and `kb sync` do.

    Its billing began a month ago, so that there is a closed month to look at. Repeated, it changes nothing. Raises
    BadImportError or BadArticlesError, with nothing written.
    """
    with Office(database, _Silent(), clock).work() as uow:
        new = seller_of(uow.session) is None
        bring_in(uow, ROOT / "demo")
        seller = seller_of(uow.session)
        if new and seller is not None:
            month_before = month_of(uow.day(seller.timezone).replace(day=1) - timedelta(days=1))
            begin_billing(uow, seller, month_before.start)
        sync_articles(uow, ROOT / "content" / "faq")
        sync_skills(uow, ROOT / "content" / "skills")
