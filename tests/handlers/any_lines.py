"""Lines that nobody expects: arbitrary text drawn by hypothesis, and the kinds that broke other bots."""

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

NASTY = (
    "<b>жирно</b> & <script>alert(1)</script> &lt; <",
    "🙃👩‍👩‍👧‍👦🇷🇺" * 40,
    "ы" * 4096,
    "\u0000\u0007\u202eзадом наперёд\u200b",
    "{{ 7 * 7 }} {% for x in y %} %s {0} \\n",
    "SELECT * FROM person; DROP TABLE ticket; --",
    "-1",
    "99999999999999999999 ٣٤٥ ½",
    ";;; ; +\n+\n+0 <i>",
    " \t\n ",
)


def arbitrary(count: int) -> list[str]:
    """So many lines as hypothesis draws them, the same in each run, besides the nasty ones."""
    drawn: list[str] = []

    @settings(max_examples=count, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    @given(st.text(min_size=1, max_size=200))
    def draw(line: str) -> None:
        drawn.append(line)

    draw()
    return [*NASTY, *(line for line in drawn if not line.startswith("/"))]
