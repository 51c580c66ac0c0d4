"""The auditor's own book of one contract, kept from what was pressed and typed; written from the rules alone."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from tests.audit.firm import CALL_OUT, ITEMS, Regime, Terms
from tests.audit.sums import labour, regime_on, rounded, told, vat_inside
from tests.audit.values import Due, Entry, Job, Line, Month, Offer, Pool, month_end

EXPECTED = 60  # minutes a job on site is expected to take (R3.5)
ORDER = ("included", "gift", "prepaid")


class Book:
    """Everything about one contract. Days are Moscow's."""

    def __init__(self, terms: Terms, regimes: Sequence[Regime], billing_from: date, today: date) -> None:
        self.terms, self.regimes, self.today = terms, regimes, today
        self.open_month = billing_from
        self.jobs: dict[int, Job] = {}
        self.months: dict[date, Month] = {}
        self.tops: list[tuple[date, int]] = []
        self.pools = [Pool(p.kind, p.unit, p.amount, p.starts, p.ends) for p in terms.pools]
        self._granted: set[date] = set()
        self._grant(today)

    # time

    def until(self, day: date) -> None:
        """Days go by: months are closed on the fifth of the next, their hours granted on the first."""
        while self.today < day:
            self.today += timedelta(days=1)
            self._grant(self.today)
            for pool in self.pools:
                if pool.ends is not None and pool.ends < self.today:
                    pool.expired = True
            if self.today.day >= 5:
                while month_end(self.open_month) < self.today.replace(day=1):
                    self._close(month_end(self.open_month))
                    self.open_month = month_end(self.open_month) + timedelta(days=1)

    def _grant(self, day: date) -> None:
        first = day.replace(day=1)
        if first in self._granted:
            return
        self._granted.add(first)
        for unit, amount in (("minutes", self.terms.included), ("visits", self.terms.visits)):
            if amount and not (unit == "minutes" and self.terms.unlimited):
                self.pools.append(Pool("included", unit, amount, first, month_end(day)))

    # decisions

    def _price_day(self, day: date) -> Regime:
        return regime_on(self.regimes, month_end(day))

    def rate(self, day: date) -> int:
        """Kopecks an hour, VAT inside."""
        return told(self.terms.rate, self._price_day(day))

    def _serving(self, unit: str, day: date, job: int | None = None) -> list[Pool]:
        found = [p for p in self.pools if p.unit == unit and p.open_on(day)]
        return sorted(found, key=lambda p: (ORDER.index(p.kind), p.ends or date.max, p.starts, self.pools.index(p)))

    def _unit(self) -> str:
        return next((p.unit for p in self.pools if p.unit != "visits"), "")

    def _take(self, pools: Sequence[Pool], need: int) -> Iterator[tuple[Pool, int]]:
        for pool in pools:
            got = min(need, max(pool.left, 0))
            if got:
                need -= got
                yield pool, got

    def opened(self, number: int, day: date | None = None, *, urgent: bool = False) -> Job:
        """A ticket is opened for work on a day: who pays (R3, R4)."""
        day = day or self.today
        self._grant(day)
        job = self.jobs[number] = Job(number, day, urgent=urgent)
        if self.terms.unlimited:
            job.cover = "covered"
            return job
        minutes = rounded(EXPECTED, self.terms.step, self.terms.visit)
        rate = self.rate(day)
        way = [Line("Выезд инженера", told(CALL_OUT, self._price_day(day)))] if self.terms.call_out else []
        unit = job.unit = self._unit()
        price = labour(minutes, rate) + sum(line.gross for line in way)
        need = {"minutes": minutes, "tickets": 1, "roubles": price, "points": self._points(price)}.get(unit, 0)
        draws = list(self._take(self._serving(unit, day), need)) if unit else []
        got = sum(amount for _, amount in draws)
        if unit and got == need:
            job.cover = "hours"
            for pool, amount in draws:
                pool.holds[number] = pool.holds.get(number, 0) + amount
            return job
        job.cover = "partly" if got else "paid"
        if not got:
            lines = [Line("time", labour(minutes, rate), minutes, rate), *way]
            visit = next(iter(self._take(self._serving("visits", day), 1)), None) if way else None
            if visit is not None:
                lines = lines[:1]
                draws = [visit]
        elif unit == "minutes":
            lines = [Line("time", labour(minutes - got, rate), minutes - got, rate)]
        else:
            worth = got * (self.terms.point or 0) if unit == "points" else got
            lines, left = [], worth
            for line in [Line("time", labour(minutes, rate), minutes, rate), *way]:
                off = min(left, line.gross)
                left -= off
                if line.gross - off:
                    lines.append(Line(line.name, line.gross - off))
        by_fact = self.terms.by_fact and all(line.minutes for line in lines)
        hold = {self.pools.index(pool): amount for pool, amount in draws}
        offer = Offer(lines, by_fact, hold=hold)
        job.offers.append(offer)
        if urgent:
            self._hold(job, offer)
            self._agreed_beforehand(job, offer)
        return job

    def _agreed_beforehand(self, job: Job, offer: Offer) -> None:
        """What an urgent ticket may cost in all without being asked (R3.1, R7.10)."""
        used = sum(each.gross for each in job.offers if each.beforehand)
        if self.terms.emergency is not None and used + offer.gross <= self.terms.emergency:
            offer.approved, offer.open, offer.beforehand = True, False, True

    def _points(self, price: int) -> int:
        return -(-price // self.terms.point) if self.terms.point else 0

    def _hold(self, job: Job, offer: Offer) -> None:
        for place, amount in offer.hold.items():
            pool = self.pools[place]
            pool.holds[job.number] = pool.holds.get(job.number, 0) + amount
            if pool.unit != "visits":
                job.limit = (job.limit or 0) + amount
        offer.hold = {}

    def added(self, number: int, code: str, quantity: int = 1) -> Offer | None:
        """A work or part on site (R3.4); returns its offer where it needs a yes."""
        job, item = self.jobs[number], ITEMS[code]
        day = self.today
        rate = self.rate(day)
        if not item.part and job.cover in ("covered", "hours"):
            job.own_works.append((code, quantity))
            if job.cover == "hours" and job.unit == "minutes":
                self._hold_more(job, code, quantity)
            return None
        if item.part and not self.terms.parts_paid and job.cover == "covered":
            return None
        if item.mode == "fixed":
            price = told(item.price or 0, self._price_day(day))
            lines = [Line(item.name, price * quantity)]
        else:
            minutes = (item.norm or 60) * quantity
            if item.mode == "actual" and minutes <= self._hours_left(job):
                job.own_works.append((code, quantity))
                return None
            if item.mode == "actual":
                minutes = rounded(minutes, self.terms.step, 0)
            timed = self.terms.by_fact and item.mode == "actual"
            lines = [Line(item.name, labour(minutes, rate), minutes if timed else 0, rate)]
        offer = Offer(lines, bool(lines[0].minutes))
        job.offers.append(offer)
        if job.urgent:
            self._agreed_beforehand(job, offer)
        return offer

    def _hold_more(self, job: Job, code: str, quantity: int) -> None:
        item = ITEMS[code]
        minutes = (item.norm or 60) * quantity
        if item.mode != "norm":
            minutes = rounded(minutes, self.terms.step, 0)
        for pool, amount in list(self._take(self._serving("minutes", self.today), minutes)):
            pool.holds[job.number] = pool.holds.get(job.number, 0) + amount

    def _hours_left(self, job: Job) -> int:
        agreed = (job.limit or 0 if job.unit == "minutes" else 0) + sum(
            line.minutes
            for offer in job.offers
            if offer.approved or offer.open
            for line in offer.lines
            if line.name == "time"
        )
        taken = sum((ITEMS[code].norm or 60) * quantity for code, quantity in job.own_works)
        return agreed - taken

    def answered(self, number: int, *, yes: bool, offer: Offer | None = None) -> Offer:
        """The client answers the newest open offer of a ticket."""
        job = self.jobs[number]
        found = offer or next(each for each in reversed(job.offers) if each.open)
        found.open, found.approved = False, yes
        if yes:
            self._hold(job, found)
        return found

    # work

    def spent(self, number: int, minutes: int, channel: str = "visit", day: date | None = None) -> Entry:
        """Minutes of a visit or a call were booked."""
        entry = Entry(day or self.today, channel, minutes)
        self.jobs[number].entries.append(entry)
        self._count(self.jobs[number])
        return entry

    def finished(self, number: int) -> None:
        """The work was handed over; what nobody said yes to isn't done."""
        job = self.jobs[number]
        job.finished = self.today
        job.offers = [offer for offer in job.offers if not offer.open]

    def _count(self, job: Job) -> None:
        """R5.5: each entry bills the rounded sum up to it less what is billed before; what was settled stays."""
        standing = sorted((e for e in job.entries if not e.struck), key=lambda e: e.day)
        groups: dict[object, list[Entry]] = {}
        for place, entry in enumerate(standing):
            keys = {"entry": place, "ticket_day": (entry.day, entry.channel), "ticket": entry.channel}
            groups.setdefault(keys[self.terms.scope], []).append(entry)
        for members in groups.values():
            raw = billed = 0
            settled = sum(e.share for e in members if e.accepted)
            for entry in members:
                raw += entry.raw
                minimum = self.terms.visit if entry.channel == "visit" else self.terms.remote
                if entry.accepted:
                    billed += entry.share
                    continue
                # what later settled entries have already may not be billed twice
                later = settled - sum(e.share for e in members[: members.index(entry)] if e.accepted)
                entry.share = (
                    max(rounded(raw, self.terms.step, minimum) - billed, 0)
                    if not later
                    else self._between(members, entry)
                )
                billed += entry.share

    def _between(self, members: Sequence[Entry], entry: Entry) -> int:
        """An entry before settled ones takes what the whole sum leaves."""
        minimum = self.terms.visit if entry.channel == "visit" else self.terms.remote
        whole = rounded(sum(e.raw for e in members if e.accepted or e is entry), self.terms.step, minimum)
        return max(whole - sum(e.share for e in members if e.accepted), 0)

    def accepted(self, number: int) -> None:
        """The client accepts what isn't disputed: hours are drawn by the day of the work."""
        job = self.jobs[number]
        self._count(job)
        for offer in job.offers:
            offer.accepted = offer.accepted or offer.approved
        fresh = sorted((e for e in job.entries if not (e.accepted or e.disputed or e.struck)), key=lambda e: e.day)
        frozen = [e for e in job.entries if e.disputed]
        self._draw_visit(job)
        for entry in fresh:
            entry.accepted = True
        if job.cover == "hours" or job.limit:
            self._draw(job, fresh)
        waits = sum(e.share for e in frozen)  # what a dispute may still need stays held, the rest goes back (R4.10)
        for pool in self.pools:
            kept = min(pool.holds.pop(number, 0), waits)
            waits -= kept
            if kept:
                pool.holds[number] = kept

    def _draw_visit(self, job: Job) -> None:
        for pool in self.pools:
            if pool.unit == "visits" and job.number in pool.holds:
                pool.used += pool.holds.pop(job.number)

    def _draw(self, job: Job, fresh: Sequence[Entry]) -> None:
        unit = job.unit
        mine = {id(p): p.holds.get(job.number, 0) for p in self.pools if p.unit == unit}
        for entry in fresh:
            need = entry.share
            day = max(entry.day, self.open_month)  # inside an open period (R4.4)
            if unit == "tickets":
                need, job.took_ticket = int(not job.took_ticket), True
            elif unit in ("roubles", "points"):
                first = not any(e.accepted and e not in fresh for e in job.entries) and entry is fresh[0]
                price = labour(entry.share, self.rate(job.day))
                if first and self.terms.call_out:
                    price += told(CALL_OUT, self._price_day(job.day))
                need = price if unit == "roubles" else self._points(price)
            if job.limit is not None:
                need = min(need, job.limit - job.drawn)
                job.drawn += need
            for pool in [
                *self._serving(unit, day),
                *[p for p in self.pools if mine.get(id(p)) and not p.open_on(day)],
            ]:
                own = mine.get(id(pool), 0)
                free = max(pool.left, 0) if pool.open_on(day) else 0
                got = min(need, own + free)
                from_hold = min(got, own)
                if from_hold:
                    pool.holds[job.number] -= from_hold
                    mine[id(pool)] -= from_hold
                pool.used += got
                need -= got
            for pool in self._serving(unit, day):
                cap = pool.amount * self.terms.overrun // 10_000
                got = min(need, max(cap + pool.left, 0))
                pool.used += got
                need -= got

    # disputes

    def settled(self, number: int, *, keep: bool) -> None:
        """Staff settles what is disputed of a ticket: it stays, or it is taken off for good."""
        job = self.jobs[number]
        for entry in job.entries:
            if entry.disputed:
                entry.disputed, entry.struck = False, not keep
                entry.accepted = entry.accepted or not keep
                entry.share = entry.share if keep else 0
        for offer in job.offers:
            for line in offer.lines:
                if line.disputed:
                    line.disputed, line.struck = False, not keep
        self._count(job)

    # months

    def _close(self, end: date) -> None:
        regime = regime_on(self.regimes, end)
        dues: list[Due] = []
        times: dict[int, tuple[int, int]] = {}

        def due(ticket: int | None, gross: int) -> None:
            if gross:
                dues.append(Due(ticket, gross, vat_inside(gross, regime.rate)))

        if self.terms.fee and self.terms.starts <= end:
            due(None, told(self.terms.fee, regime))
        for day, kopecks in self.tops:
            if end.replace(day=1) <= day <= end:
                due(None, kopecks)
        for job in self.jobs.values():
            for offer in job.offers:
                if offer.accepted and job.finished is not None and job.finished <= end:
                    for gross in self._bill(job, offer):
                        due(job.number, gross)
            for entry in job.entries:
                if entry.accepted and not entry.disputed and not entry.billed and entry.day <= end:
                    entry.billed = True
                    raw, billed = times.get(job.number, (0, 0))
                    share = 0 if entry.struck else entry.share
                    times[job.number] = raw + entry.raw, billed + share
        self.months[end] = Month(dues, times)

    def _bill(self, job: Job, offer: Offer) -> Iterator[int]:
        timed = [line for line in offer.lines if line.minutes]
        for line in offer.lines:
            if line in timed or line.disputed or line.struck or line.stated:
                continue
            line.stated = True
            yield line.gross
        if not timed:
            return
        live = [e for e in job.entries if e.accepted and not (e.disputed or e.struck)]
        cut = any(e.disputed or e.struck for e in job.entries)
        agreed = sum(line.gross for line in timed)
        if offer.up_to or cut:
            from_hours = job.drawn if job.unit == "minutes" else 0
            minutes = sum(e.share for e in live) - from_hours - self._before(job, offer)
            whole = min(labour(max(minutes, 0), timed[0].rate), agreed)
        else:
            whole = agreed
        more = whole - timed[0].paid
        if more > 0:
            timed[0].paid += more
            yield more

    def _before(self, job: Job, offer: Offer) -> int:
        """Minutes that earlier offers of the same time take of it."""
        return sum(
            line.minutes
            for each in job.offers[: job.offers.index(offer)]
            if each.approved
            for line in each.lines
            if line.minutes
        )
