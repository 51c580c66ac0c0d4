"""`python -m bot calc`: the billing arithmetic as JSON lines."""

import sys


def calc() -> None:
    """Answer JSON lines of stdin on stdout, each as it comes: labour, VAT, hours, prices, calendar."""
    from bot.cli.calc.lines import answers

    for answer in answers(sys.stdin.buffer):
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()
