"""Bonds, fees and penalties: `bonds.json`."""

from typing import Any

from compute_swarm.domain import bid, bonds, dispute, settlement
from compute_swarm.domain.ids import NATIVE, ZERO32, AwardId
from compute_swarm.domain.money import Amount
from vector_cases.cases import Stream, cases


def tables() -> dict[str, Any]:
    return {"awards": cases(bond_case(n) for n in range(40))}


def bond_case(n: int) -> dict[str, Any]:
    random = Stream(f"bond/{n}")
    whole = (24, 32, 100, 1024)[n % 4]
    trials = (1, 2, 8, 50, 500)[n % 5]
    price = Amount(1 + random.below(2 ** (2 * n + 1)))
    floor, tip, seats_ = Amount(random.below(10**15)), Amount(random.below(10**14)), (3, 7)[n % 2]
    segments = random.between(1, trials * whole)
    award = bid.Award(AwardId(ZERO32), NATIVE, trials, segments, price, 0)
    done = random.between(1, segments)
    some = settlement.Judged(1 + done // whole, [n % 3, n % 7][: n % 3], n % 4)
    panel = bonds.panel_fee(price, seats_, floor)
    closed = settlement.settlement(bid.Posted(award, ZERO32, done), some, tip)
    least_bond, cap = Amount(32 * 10**18), Amount(award.total * 4 + 1)
    refuter = dispute.refuter_penalty(award.total, panel, least_bond, cap)
    withholder = dispute.withholder_penalty(award.total, panel, least_bond, cap)
    return {
        "price": price,
        "wholeTrial": whole,
        "segments": segments,
        "seats": seats_,
        "panelFloor": floor,
        "tip": tip,
        "panelFee": panel,
        "bond": bonds.bond(price, segments, whole, panel),
        "auditFee": bonds.audit_fee(award.total),
        "cost": bonds.award_cost(award.total, tip),
        "deposit": bonds.deposit(award.total, panel),
        "challengersPart": dispute.challengers_part(bonds.deposit(award.total, panel)),
        "done": done,
        "byJudges": some.by_judges,
        "byStandIns": list(some.by_stand_ins),
        "byPanels": some.by_panels,
        "paid": closed.seller,
        "perAnswer": closed.per_answer,
        "fees": closed.fees,
        "refunded": closed.buyer,
        "dust": closed.dust,
        "leastBond": least_bond,
        "cap": cap,
        "worth": bonds.worth(closed.fees, least_bond, cap),
        "fine": bonds.fine(award.total, least_bond, cap),
        "refuterPenalty": refuter.amount,
        "refutersPanel": refuter.panel,
        "withholderPenalty": withholder.amount,
        "withholdersPanel": withholder.panel,
        "docked": bonds.sellers_part(award.total, panel),
    }
