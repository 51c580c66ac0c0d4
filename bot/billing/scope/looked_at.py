"""What of a request its decision can look at: a snapshot keeps that, and no price list of 1 500 items (R3.2). Pure."""

from dataclasses import replace

from bot.billing.prices.rule import hour_of
from bot.billing.scope.input import AskedObject, ContractTerms, ScopeRequest


def items_looked_at(request: ScopeRequest) -> frozenset[str]:
    """Items whose prices the decision may ask for: the work, its hour, and what is billed beside it (R5.2, R5.6)."""
    beside = {item for each in request.contracts for item in (*each.fees, each.callout)}
    road = request.service_object.way.item if request.service_object and request.service_object.way else None
    return frozenset(each for each in (request.item, hour_of(request.work_type), road, *beside) if each is not None)


def looked_at(request: ScopeRequest) -> ScopeRequest:
    """The request with the prices and the objects that its decision can look at; it is decided the same."""
    wanted, items = request.service_object, items_looked_at(request)
    return replace(request, contracts=tuple(_of_contract(each, wanted, items) for each in request.contracts))


def _of_contract(contract: ContractTerms, wanted: AskedObject | None, items: frozenset[str]) -> ContractTerms:
    own = frozenset({wanted.id}) if wanted else frozenset[str]()
    site = frozenset({wanted.site}) if wanted and wanted.site is not None else frozenset[str]()
    models = {None, wanted.model if wanted else None}
    lists = (
        replace(each, lines=tuple(line for line in each.lines if line.item in items and line.model in models))
        for each in contract.prices
    )
    return replace(
        contract,
        objects=contract.objects & own,
        sites=contract.sites & site,
        prices=tuple(each for each in lists if each.lines),
    )
