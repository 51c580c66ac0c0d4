"""`python -m bot kb …`: try the search out, rank a file of lines, bring articles in and out, see what is missing."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.db.unit_of_work import Office

app = typer.Typer(no_args_is_help=True, help="The knowledge base")

CONTENT = Path("content/faq")
SKILLS = "skills"
Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Articles as DIR/<lang>/<id>.md")]
Days = Annotated[int | None, typer.Option(min=1, help="Of so many days; by default as many as the chat shows")]


@app.command()
def rank(
    content: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Articles as DIR/<lang>/<id>.md")],
    queries: Annotated[Path, typer.Option(exists=True, dir_okay=False, help='Lines of {"query": "…"}')],
    cache: Annotated[Path | None, typer.Option(help="Keeps vectors between runs")] = None,
) -> None:
    """Rank the articles for each query: one JSON line per query on stdout."""
    from bot.kb.articles.layout import misplaced
    from bot.kb.index.rank_lines import load_index, rank_lines

    index, errors = load_index(content, cache)
    for error in errors:
        typer.echo(str(error), err=True)
    if not index.base.entries:
        typer.echo(str(misplaced(content)[0]), err=True)
        raise typer.Exit(2)
    for line in rank_lines(index, queries, lambda fault: typer.echo(fault, err=True)):
        sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.buffer.flush()


@app.command()
def search(
    line: str,
    lang: Annotated[str | None, typer.Option(help="Articles of this language only")] = None,
    content: Annotated[Path, typer.Option(exists=True, file_okay=False)] = CONTENT,
) -> None:
    """Show what the bot would answer to a client's line, and why."""
    from bot.answers.skills.acts import CLIENT
    from bot.answers.skills.choosing import nearest_skills, skill_asked
    from bot.answers.skills.files import read_skills
    from bot.answers.skills.sync import unit_of
    from bot.cli.failing import CommandError
    from bot.kb.articles.article import PUBLIC, read_articles
    from bot.kb.articles.layout import misplaced
    from bot.kb.index.rank_lines import index_of
    from bot.kb.judging.beside import MARK, apart
    from bot.kb.judging.explain import report
    from bot.kb.judging.reading import Thresholds

    articles, errors = read_articles(content)
    for error in errors:
        typer.echo(str(error), err=True)
    chosen = [article for article in articles if lang is None or article.lang == lang]
    if not chosen:
        raise CommandError(str(misplaced(content)[0]) if not articles else f"{content}: no articles in {lang}")
    titles = {article.id: article.title for article in reversed(chosen)}
    folder = content.resolve().parent / SKILLS
    skills = [each for each in (read_skills(folder)[0] if folder.is_dir() else ()) if lang in {None, each.lang}]
    index = index_of([*chosen, *(unit_of(skill, skill.lang) for skill in skills)])
    reading = apart(index.ask(line, audience=frozenset({PUBLIC, f"{MARK}{CLIENT}"})), Thresholds())
    near = [skill for code in nearest_skills(reading) for skill in skills if skill.code == code]
    if (asked := skill_asked(reading, near)) is not None:
        typer.echo(f"skill: {asked.code}  {asked.title}")
    for text in report(reading, titles):
        typer.echo(text)


@app.command()
def check(content: Folder = CONTENT) -> None:
    """Check article files and the skills beside them; exits with 1 and a line per finding (file, line, reason)."""
    from bot.answers.skills.files import read_skills
    from bot.kb.articles.article import read_articles
    from bot.kb.articles.attachments import read_attachments
    from bot.kb.articles.layout import misplaced
    from bot.kb.index.rank_lines import check_folder

    found = check_folder(content)
    found += [str(error) for error in misplaced(content)]
    for article in read_articles(content)[0]:
        found += [str(error) for error in read_attachments(article, content)[1]]
    if (skills := content.resolve().parent / SKILLS).is_dir():
        found += [str(error) for error in read_skills(skills)[1]]
    for text in found:
        typer.echo(text)
    if found:
        raise typer.Exit(1)
    typer.echo("ok")


@app.command()
def sync(
    content: Folder = CONTENT,
    overwrite: Annotated[bool, typer.Option(help="Files win over what was changed in the chat")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take away articles with no file, however many")] = False,
) -> None:
    """Make the base what the files say, all or nothing; a running bot takes it up within two seconds.

    Skills are in the folder `skills` beside the articles'; without it they stay as they are.
    """
    from bot.answers.skills.sync import sync_skills
    from bot.cli.failing import CommandError
    from bot.clients.policy import policy
    from bot.kb.articles.sync import BadArticlesError, Few, ManyGoneError, sync_articles

    try:
        with _office() as office, office.work() as uow:
            least, share = (policy(uow.session, f"kb_removed_{name}") for name in ("articles", "percent"))
            few = None if remove else Few(least, share)
            done = sync_articles(uow, content, overwrite=overwrite, few=few)
            skills = content.resolve().parent / SKILLS
            skilled = sync_skills(uow, skills) if skills.is_dir() else 0
    except BadArticlesError as error:
        raise CommandError(f"{error}\nnothing was changed: mend these and sync again") from None
    except ManyGoneError as error:
        raise CommandError(
            f"{error}\nnothing was changed. Is {content} the right folder, and whole? "
            f"If they shall go, `python -m bot kb sync {content} --remove`"
        ) from None
    typer.echo(f"added {done.added}, changed {done.changed}, removed {done.removed}, unchanged {done.unchanged}")
    if skilled:
        typer.echo(f"skills changed: {skilled}")
    for lang, code in done.kept:
        typer.echo(f"kept {lang}/{code}: changed in the chat and not as its file", err=True)
    if done.kept:
        typer.echo(
            "`python -m bot kb export DIR` writes the chat's version into files, `kb sync --overwrite` the files",
            err=True,
        )


@app.command()
def export(
    content: Annotated[Path, typer.Argument(file_okay=False, help="Where to, as DIR/<lang>/<id>.md")] = CONTENT,
    everything: Annotated[bool, typer.Option("--all", help="Articles from files too")] = False,
) -> None:
    """Write articles that were written or changed in the chat into files, so that a sync agrees with them."""
    from bot.kb.articles.exporting import export_articles

    with _office() as office, office.database.read() as session:
        done = export_articles(session, content, everything=everything)
    for path in done.written:
        typer.echo(f"wrote {path}")
    for path in done.to_delete:
        typer.echo(f"unpublished in the chat: delete {path}", err=True)
    for name in done.with_messenger:
        typer.echo(f"{name}: the picture stays with the messenger; put the file there to keep it beside", err=True)
    typer.echo(f"{len(done.written)} articles")


@app.command()
def gaps(days: Days = None) -> None:
    """Questions that nobody answered, grouped by meaning: how often, by how many people, in which words."""
    from datetime import timedelta

    from bot.clients.policy import policy
    from bot.kb.base.encoder import UseEncoder, encoder_wanted
    from bot.kb.learning.gaps import gaps as grouped

    with _office() as office, office.database.read() as session:
        encoder = UseEncoder() if encoder_wanted() else None
        since = office.clock() - timedelta(days=days or policy(session, "kb_gaps_days"))
        found = grouped(session, since, encoder)
    for gap in found:
        typer.echo(f"{gap.count} questions, {gap.people} people, {gap.language}, nearest: {gap.best or 'none'}")
        for example in gap.examples:
            typer.echo(f"    {example}")
    typer.echo(f"{len(found)} groups")


@app.command()
def stats(days: Days = None) -> None:
    """Per article: shown, helped, did not help, asked again within the week (policy `asked_again_days`)."""
    from datetime import timedelta

    from bot.answers.stats import article_stats
    from bot.clients.policy import policy

    with _office() as office, office.database.read() as session:
        since = office.clock() - timedelta(days=days or policy(session, "kb_figures_days"))
        rows = article_stats(session, since, office.clock())
    typer.echo("shown  helped  not helped  asked again  article")
    for row in rows:
        typer.echo(f"{row.shown:5}  {row.helped:6}  {row.not_helped:10}  {row.returned:11}  {row.code}")


@app.command()
def refit() -> None:
    """Fit the last layer of confidence on this installation's «Помогло» and «Не помогло» (a timer does it daily)."""
    from bot.answers.learning import learn

    with _office() as office, office.work() as uow:
        done = learn(uow)
    counts = f"helped {done.helped}, did not help {done.not_helped}"
    if done.layer is None:
        typer.echo(f"{counts}: too few, at least {done.lacking} more are needed; nothing was changed")
    else:
        state = "in force now" if done.changed else "as before"
        typer.echo(f"{counts}: slope {done.layer.slope}, shift {done.layer.shift}, {state}")


@contextmanager
def _office() -> "Iterator[Office]":
    from bot.cli.database import open_database, require_schema
    from bot.cli.importing import Silent
    from bot.db.clock import utc_now
    from bot.db.unit_of_work import Office

    database = open_database()
    try:
        require_schema(database)
        yield Office(database, Silent(), utc_now)
    finally:
        database.dispose()
