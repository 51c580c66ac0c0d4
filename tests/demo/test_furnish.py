"""The demo company comes into a database as a user would bring it."""

from sqlmodel import func, select

from bot.clients.models import Company, Seller
from bot.db.engine import Database
from bot.demo.furnish import furnish
from bot.kb.articles.models import Article, BaseVersion


def test_a_furnished_database_has_the_demo_company_and_its_articles_and_a_second_time_changes_nothing(
    database: Database,
) -> None:
    furnish(database)
    with database.read() as session:
        seller = session.exec(select(Seller)).one()
        before = session.exec(select(func.count()).select_from(Article)).one()
        version = session.exec(select(BaseVersion.version)).one()
        companies = session.exec(select(func.count()).select_from(Company)).one()
    assert (seller.name, companies) == ("ООО «Сервис-Линия»", 6)
    assert before >= 85

    furnish(database)

    with database.read() as session:
        assert session.exec(select(func.count()).select_from(Article)).one() == before
        assert session.exec(select(BaseVersion.version)).one() == version
        assert session.exec(select(func.count()).select_from(Company)).one() == companies
