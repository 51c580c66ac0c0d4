"""`python -m bot kb …`: try the search out, rank a file of lines, check a folder of articles."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="The knowledge base")

CONTENT = Path("content/faq")


@app.command()
def rank(
    content: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Articles as DIR/<lang>/<id>.md")],
    queries: Annotated[Path, typer.Option(exists=True, dir_okay=False, help='Lines of {"query": "…"}')],
    cache: Annotated[Path | None, typer.Option(help="Keeps vectors between runs")] = None,
) -> None:
    """Rank the articles for each query: one JSON line per query on stdout."""
    from bot.kb.rank_lines import load_index, rank_lines

    index, errors = load_index(content, cache)
    for error in errors:
        typer.echo(str(error), err=True)
    for line in rank_lines(index, queries):
        sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.buffer.flush()


@app.command()
def search(
    line: str,
    lang: Annotated[str | None, typer.Option(help="Articles of this language only")] = None,
    content: Annotated[Path, typer.Option(exists=True, file_okay=False)] = CONTENT,
) -> None:
    """Show what the bot would answer to a line, and why."""
    from bot.kb.article import read_articles
    from bot.kb.explain import report
    from bot.kb.rank_lines import index_of

    articles, errors = read_articles(content)
    for error in errors:
        typer.echo(str(error), err=True)
    chosen = [article for article in articles if lang is None or article.lang == lang]
    titles = {article.id: article.title for article in reversed(chosen)}
    for text in report(index_of(chosen).ask(line), titles):
        typer.echo(text)


@app.command()
def check(content: Annotated[Path, typer.Option(exists=True, file_okay=False)] = CONTENT) -> None:
    """Check article files; exits with 1 and a line per finding (file, line, reason)."""
    from bot.kb.rank_lines import check_folder

    found = check_folder(content)
    for text in found:
        typer.echo(text)
    if found:
        raise typer.Exit(1)
    typer.echo("ok")
