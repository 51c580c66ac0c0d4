"""Articles out of the database into files, as a sync reads them."""

from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from bot.kb.articles.article import written
from bot.kb.articles.models import Article
from bot.kb.articles.sync import files_of, parsed_of
from bot.messaging.outgoing.models import Blob


@dataclass(frozen=True, slots=True)
class Exported:
    """Files written, files that should go (unpublished in the chat), pictures whose bytes only the messenger has."""

    written: tuple[Path, ...]
    to_delete: tuple[Path, ...]
    with_messenger: tuple[str, ...]


def export_articles(session: Session, folder: Path, *, everything: bool = False) -> Exported:
    """Write `folder/<lang>/<id>.md` for each article that was written or changed in the chat, or for all.

    Ways to ask that operators added by a press are not in the file: they are kept apart and survive any sync.
    """
    rows = session.exec(select(Article).order_by(col(Article.language), col(Article.code))).all()
    files: list[Path] = []
    to_delete: list[Path] = []
    with_messenger: list[str] = []
    for row in rows:
        path = folder / row.language / f"{row.code}.md"
        if not row.published:
            to_delete += [path] if path.exists() and not row.from_file else []
            continue
        if row.from_file and not everything:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written(parsed_of(row)), "utf-8")
        files.append(path)
        for mention, file in files_of(session, row):
            blob = session.get(Blob, file.blob_id) if file.blob_id is not None else None
            place = path.parent / mention.name
            if blob is not None:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(blob.content)
            elif not place.exists():
                with_messenger.append(str(place))
    return Exported(tuple(files), tuple(to_delete), tuple(with_messenger))
