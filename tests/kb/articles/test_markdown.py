import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kb.articles.markdown import attached, steps, to_html

ALLOWED = {"b", "i", "s", "code", "pre", "a", "blockquote"}


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**жирно** и _курсив_", "<b>жирно</b> и <i>курсив</i>"),
        ("# Заголовок\n\nтекст", "<b>Заголовок</b>\n\nтекст"),
        ("1. раз\n2. два\n   - внутри\n3. три", "1. раз\n2. два\n   • внутри\n3. три"),
        ("3. с трёх\n4. далее", "3. с трёх\n4. далее"),
        ("- a\n- b\n\nпосле", "• a\n• b\n\nпосле"),
        ("<script>x</script> & <b>", "&lt;script&gt;x&lt;/script&gt; &amp; &lt;b&gt;"),
        ("[сайт](https://a.b/?x=1&y=2)", '<a href="https://a.b/?x=1&amp;y=2">сайт</a>'),
        ("[плохо](data:1) и [файл](x.html)", "[плохо](data:1) и файл"),
        ("`a<b>`", "<code>a&lt;b&gt;</code>"),
        ("```\na < b\n```", "<pre>a &lt; b</pre>"),
        ("> цитата\n> дальше", "<blockquote>цитата\nдальше</blockquote>"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a — b\n1 — 2"),
    ],
)
def test_markdown_as_telegram_shows_it(markdown: str, html: str) -> None:
    assert to_html(markdown) == html


def test_pictures_and_files_are_found_with_their_lines() -> None:
    body = "текст ![схема](img/scheme.png)\nещё [бланк](form.docx) и [сайт](https://a.b/x.pdf)\n\n![два](two.png)"
    assert [(m.name, m.picture, m.words, m.line) for m in attached(body)] == [
        ("img/scheme.png", True, "схема", 0),
        ("form.docx", False, "бланк", 1),
        ("two.png", True, "два", 3),
    ]
    assert to_html(body) == ('текст схема\nещё бланк и <a href="https://a.b/x.pdf">сайт</a>')


def test_a_numbered_list_is_steps() -> None:
    body = "Сначала.\n\n1. Включите **принтер**.\n2. Проверьте:\n   - бумагу\n   - крышку\n3. Готово.\n\nПотом."
    assert [step.words for step in steps(body)] == [
        "Включите <b>принтер</b>.",
        "Проверьте:\n• бумагу\n• крышку",
        "Готово.",
    ]
    assert steps("просто текст\n\n- пункт") == ()


def test_a_step_has_its_own_pictures() -> None:
    body = "![Общий вид](all.png)\n\n1. Откройте крышку.\n\n   ![Крышка](lid.png)\n2. Смотрите [схему](s.pdf).\n3. Всё."
    assert [(step.words, step.files) for step in steps(body)] == [
        ("Откройте крышку.", ("lid.png",)),
        ("Смотрите схему.", ("s.pdf",)),
        ("Всё.", ()),
    ]


def well_formed(html: str) -> bool:
    opened: list[str] = []
    for closing, name in re.findall(r"<(/?)(\w+)[^<>]*>", html):
        if name not in ALLOWED:
            return False
        if not closing:
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened and "<" not in re.sub(r"</?\w+[^<>]*>", "", html)


@given(st.text(alphabet="ab <>&*_`[]()#->1.|\n~!\"'", max_size=200))
def test_whatever_is_written_the_html_is_whole(markdown: str) -> None:
    assert well_formed(to_html(markdown))


def test_every_published_article_is_whole() -> None:
    files = list(Path("content/faq").glob("*/*.md"))
    assert files
    for path in files:
        assert well_formed(to_html(path.read_text("utf-8").split("---", 2)[2])), path
