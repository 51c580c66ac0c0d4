"""Bots that are up at once and take turns under load, slice by slice."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.turns.load import Deed, Result, offer, saturate
from bot.sandbox.world.state import Bot, World


@dataclass(frozen=True, slots=True)
class Measured:
    """A bot under load; `start` is how many seconds it took to its first answer."""

    name: str
    bot: Bot
    process_id: int
    deeds: Mapping[str, Deed]
    start: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """What one line of the table says: deeds a second at most, the bot's processor time a step at that rate, and
    latencies at half of it, all times in milliseconds."""

    name: str
    rate: float
    processor: float
    p50: float
    p99: float
    remark: str = ""


@dataclass(slots=True)
class _Slices:
    """What a bot did of one deed so far."""

    rates: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    steps: int = 0
    done: int = 0
    unanswered: int = 0
    half: Result = field(default_factory=Result)


def processor_seconds(process_id: int) -> float:
    """Processor time that a process has used so far, all its threads, by proc(5). Raises FileNotFoundError."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def contest(
    bots: Sequence[Measured], world: World, people: list[int], seconds: float, slices: int, seed: int
) -> dict[str, dict[str, Figure]]:
    """Figures by bot and deed. One slice of each is for warming up; `seconds` of a slice."""
    found: dict[str, dict[str, Figure]] = {each.name: {} for each in bots}
    for deed in dict.fromkeys(name for each in bots for name in each.deeds):
        those = [each for each in bots if deed in each.deeds]
        kept = {each.name: _Slices() for each in those}
        for each in those:
            await saturate(world, each.bot, people, each.deeds[deed], seconds)
        for number in range(slices):
            for each in those[:: -1 if number % 2 else 1]:  # nobody always comes after the same other
                await _at_most(kept[each.name], each, world, people, deed, seconds)
        for number in range(slices):
            for each in those[:: -1 if number % 2 else 1]:
                so_far = kept[each.name]
                half = await offer(
                    world, each.bot, people, each.deeds[deed], median(so_far.rates) / 2, seconds, seed + number
                )
                so_far.half.add(half)
        for each in those:
            found[each.name][deed] = _figure(deed, kept[each.name], len(people))
            print(f"{deed} {each.name}: {found[each.name][deed].rate:.1f} a second", flush=True)
    return found


async def _at_most(so_far: _Slices, each: Measured, world: World, people: list[int], name: str, seconds: float) -> None:
    """One slice at the highest rate."""
    deed = each.deeds[name]
    before, used = deed.steps, processor_seconds(each.process_id)
    top = await saturate(world, each.bot, people, deed, seconds)
    steps, used = deed.steps - before, processor_seconds(each.process_id) - used
    so_far.rates.append(top.rate)
    so_far.processor.append(used * 1000 / max(1, steps))
    so_far.steps += steps
    so_far.done += len(top.latencies) + top.unanswered
    so_far.unanswered += top.unanswered


def _figure(name: str, kept: _Slices, people: int) -> Figure:
    rate, each, half = median(kept.rates), kept.steps / max(1, kept.done), kept.half
    remark = f" {each:.1f} steps each, {rate * each:.1f} steps a second" if each > 1.5 else ""
    if unanswered := kept.unanswered + half.unanswered:
        remark += f" {unanswered} unanswered"
    if half.left_out:
        remark += f" {half.left_out} arrivals left out: all {people} people were waiting"
    return Figure(name, rate, median(kept.processor), half.quantile(0.5), half.quantile(0.99), remark)
