"""Real parts for every test: SQLite files, a PostgreSQL from a wheel, a teller that remembers."""

import gc
import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session

import bot.tables  # noqa: F401 - every table, as they refer to each other
from bench.postgres import started_postgres
from bot.db.engine import Database
from bot.db.last import write_last
from bot.db.locks import order_watched
from bot.db.schema.migrating import upgrade
from bot.db.unit_of_work import Envelope, Office, Subject, UnitOfWork
from bot.messaging.models import Timer
from bot.messaging.notices.subjects import values_of
from tests import tiers
from tests.spare_databases import SpareDatabases, named

if TYPE_CHECKING:
    from tests.builders.appeals import Town
    from tests.builders.talk import Talk

# The collector walks aiogram's many objects for nothing: a fifth of the test time (stack.md).
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)

# How fast an example runs is the machine's business: under load a deadline fails at random.
settings.register_profile("firstline", deadline=None)
settings.load_profile("firstline")

_TESTS = str(Path(__file__).parent)
_HOUSE = str(Path(__file__).parent.parent / "bot")
NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday, 12:00 in Moscow


def pytest_addoption(parser: pytest.Parser) -> None:
    tiers.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    tiers.configure(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    tiers.choose(config, items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.write_line(tiers.seed_line(config))


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Each test has a database of its own, and each database compiled every statement anew: a fifth of the test time.
    Here all engines of a kind share what is compiled, and the dialect that it is kept by."""
    shared: dict[str, Engine] = {}

    def create_sharing(url: Any, **options: Any) -> Engine:
        made = create_engine(url, **options, query_cache_size=5_000)
        first = shared.setdefault(made.name, made)
        if first.dialect.server_version_info is None:  # it has not connected: its dialect knows nothing of the server
            shared[made.name] = made
        else:
            made.dialect, made._compiled_cache = first.dialect, first._compiled_cache
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.db.engine.create_engine", create_sharing)
        yield


@pytest.fixture(scope="session", autouse=True)
def locks_in_order() -> Iterator[None]:
    """Whatever a test does, rows locked against the order fail it, on SQLite too."""
    with order_watched(_act_now):
        yield


@pytest.fixture(scope="session", autouse=True)
def timers_seen_in_their_transaction() -> Iterator[None]:
    """A test that reads timers in the transaction that sets them finds them, though acts write them last."""

    def written(asking: ORMExecuteState) -> None:
        if asking.is_select and any(each.class_ is Timer for each in asking.all_mappers) and _asked_by_a_test():
            write_last(asking.session)  # type: ignore[arg-type] # all ours are SQLModel's

    event.listen(Session, "do_orm_execute", written)
    yield
    event.remove(Session, "do_orm_execute", written)


def _asked_by_a_test() -> bool:
    frame: FrameType | None = sys._getframe(2)  # past the listener, which is a test's file too
    while frame is not None and not frame.f_code.co_filename.startswith((_TESTS, _HOUSE)):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(_TESTS)


def _act_now() -> FrameType | None:
    """What a test called last, by its frame: a test does several acts in one transaction, and each locks by itself."""
    frame: FrameType | None = sys._getframe(1)
    act = None
    while frame is not None and not frame.f_code.co_filename.startswith(_TESTS):
        act, frame = frame, frame.f_back
    return act


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL started for this run; its absence is a failure, not a skip."""
    with started_postgres() as url:
        admin = Database(url)
        with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # Tests kill processes, never the machine; waiting for the disk was a third of their time.
            for name in ("fsync", "full_page_writes"):
                connection.execute(text(f"ALTER SYSTEM SET {name} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        admin.dispose()
        yield url


@pytest.fixture(scope="session")
def spare_databases(postgres_server: str) -> SpareDatabases:
    """Databases with every table."""
    admin = Database(postgres_server)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE DATABASE blank"))
    admin.dispose()
    blank = Database(named(postgres_server, "blank"))
    upgrade(blank)
    blank.dispose()
    return SpareDatabases(postgres_server, "blank")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table, to be copied for each test."""
    path = tmp_path_factory.mktemp("template") / "blank.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.dispose()
    return path


@contextmanager
def bare_postgres(server: str) -> Iterator[str]:
    """URL of a database with nothing in it, dropped afterwards."""
    name = f"t{uuid.uuid4().hex[:12]}"
    admin = Database(server)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
        try:
            yield named(server, name)
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database with every table, on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "firstline.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        spare: SpareDatabases = request.getfixturevalue("spare_databases")
        with spare.one() as url:
            yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.dispose()


@dataclass
class Told:
    """One notice as an act gave it: to whom, which template, with what."""

    audience: Any
    template: str
    subject: Subject
    envelope: Envelope

    @property
    def values(self) -> dict[str, Any]:
        """What the template reads."""
        return values_of(self.subject)

    @property
    def urgent(self) -> bool:
        return self.envelope.urgent


@dataclass
class RememberingTeller:
    """A teller for acts tested without a messenger."""

    told: list[Told] = field(default_factory=list)

    def tell(self, uow: UnitOfWork, audience: Any, template: str, subject: Subject, envelope: Envelope) -> None:
        audience.addresses(uow.session)  # resolving must work even where nothing is sent
        self.told.append(Told(audience, template, subject, envelope))

    def templates(self) -> list[str]:
        return [notice.template for notice in self.told]


class TestOffice(Office):
    """An office whose clock the test moves and whose notices it reads."""

    __test__ = False

    def __init__(self, database: Database) -> None:
        self.moment = NOON
        self.notices = RememberingTeller()
        super().__init__(database, self.notices, lambda: self.moment)

    @property
    def told(self) -> list[Told]:
        return self.notices.told


@pytest.fixture
def office(database: Database) -> TestOffice:
    return TestOffice(database)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A reading session for assertions."""
    with database.read() as found:
        yield found


@pytest.fixture
def talk(database: Database) -> Iterator["Talk"]:
    """The conversations over a database, with no articles."""
    from tests.builders.talk import talking  # aiogram: three seconds that most tests do without

    with talking(database) as found:
        yield found


@pytest.fixture
def town(talk: "Talk") -> "Town":
    """People, contracts and objects of `build_town` in the conversations' database."""
    from tests.builders.appeals import build_town

    with talk.office.work() as uow:
        return build_town(uow.session)


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with nothing in it, on both kinds."""
    if request.param == "sqlite":
        found = Database(f"sqlite:///{tmp_path}/empty.db")
        yield found
    else:
        with bare_postgres(request.getfixturevalue("postgres_server")) as url:
            found = Database(url)
            yield found
            found.dispose()
    found.dispose()
