"""Pictures and files of articles: beside the article as files, in the database as bytes to send."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.jobs.housekeeping import forget
from bot.kb.articles.attachments import PICTURE_BYTES
from bot.kb.articles.exporting import export_articles
from bot.kb.articles.models import Article
from bot.kb.articles.sync import BadArticlesError, files_of, sync_articles, version, write_article
from bot.messaging.outgoing.models import Blob
from tests.conftest import TestOffice

GUIDE = """---
title: Как подключить сканер
---
Смотрите.

![Схема](img/scheme.png)

Вот [бланк](form.docx) и [сайт](https://example.org/x.pdf).
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ru" / "img").mkdir(parents=True)
    (tmp_path / "ru" / "guide.md").write_text(GUIDE, "utf-8")
    (tmp_path / "ru" / "img" / "scheme.png").write_bytes(b"png")
    (tmp_path / "ru" / "form.docx").write_bytes(b"docx")
    return tmp_path


def stored(session: Session) -> list[tuple[str, str, bytes]]:
    article = session.exec(select(Article).where(Article.code == "guide")).one()
    return [
        (mention.words, blob.filename, blob.content)
        for mention, file in files_of(session, article)
        if (blob := session.get(Blob, file.blob_id)) is not None
    ]


def test_files_come_with_their_article_and_a_changed_picture_is_a_change(office: TestOffice, folder: Path) -> None:
    with office.work() as uow:
        sync_articles(uow, folder)
        assert stored(uow.session) == [("Схема", "scheme.png", b"png"), ("бланк", "form.docx", b"docx")]
        assert sync_articles(uow, folder).unchanged == 1
    (folder / "ru" / "img" / "scheme.png").write_bytes(b"other")
    with office.work() as uow:
        assert sync_articles(uow, folder).changed == 1
        assert version(uow.session) == 2
        assert stored(uow.session)[0] == ("Схема", "scheme.png", b"other")


def test_pictures_outlive_the_housekeeping_and_replaced_ones_do_not(office: TestOffice, folder: Path) -> None:
    with office.work() as uow:
        sync_articles(uow, folder)
    (folder / "ru" / "img" / "scheme.png").write_bytes(b"other")
    with office.work() as uow:
        sync_articles(uow, folder)
        forget(uow.session, uow.now + timedelta(days=400))
        assert sorted(blob.content for blob in uow.session.exec(select(Blob)).all()) == [b"docx", b"other"]


@pytest.mark.parametrize(
    ("mention", "reason"),
    [
        ("![x](none.png)", "picture 'none.png' is not there"),
        ("![x](../../secret.png)", "must be a file beside the article"),
        ("![x](https://example.org/x.png)", "must be a file beside the article"),
        ("![x](form.docx)", "picture 'form.docx' must be one of"),
        ("[x](none.pdf)", "file 'none.pdf' is not there"),
        ("![x](big.png)", "has 10000001 bytes"),
        ("![x](empty.png)", "has 0 bytes"),
    ],
)
def test_a_file_that_can_not_be_sent_stops_the_sync_with_its_line(
    office: TestOffice, folder: Path, mention: str, reason: str
) -> None:
    with (folder / "ru" / "big.png").open("wb") as file:
        file.truncate(PICTURE_BYTES + 1)
    (folder / "ru" / "empty.png").touch()
    (folder / "ru" / "guide.md").write_text(f"---\ntitle: x\n---\n\nтекст\nещё {mention}\n", "utf-8")
    with pytest.raises(BadArticlesError) as caught, office.work() as uow:
        sync_articles(uow, folder)
    assert "guide.md:6: " in str(caught.value)
    assert reason in str(caught.value)


def test_an_export_brings_the_bytes_along(office: TestOffice, folder: Path, tmp_path: Path) -> None:
    with office.work() as uow:
        sync_articles(uow, folder)
        write_article(uow, "ru", "new", "Новая", "![](photo-1.jpg)", by=None, pictures={"photo-1.jpg": "FILE"})
    out = tmp_path / "out"
    with office.work() as uow:
        done = export_articles(uow.session, out, everything=True)
        assert [path.name for path in done.written] == ["guide.md", "new.md"]
        assert done.with_messenger == (str(out / "ru" / "photo-1.jpg"),)
        assert (out / "ru" / "img" / "scheme.png").read_bytes() == b"png"
        assert sync_articles(uow, out).unchanged == 2
