"""What an award costs and what stands behind it: the reference for the Solidity `Bonds`."""

from typing import Final

from compute_swarm.domain.money import Amount

AUDIT_FEE_BPS: Final = 800
BOND_BPS: Final = 2_500
DEPOSIT_BPS: Final = 2_000


def panel_fee(price: Amount, seats: int, floor: Amount) -> Amount:
    """Two segments a seat, at least the token's floor."""
    return max(price.times(2 * seats), floor)


def bond(price: Amount, segments: int, whole_trial: int, panel: Amount) -> Amount:
    """What a seller locks for an award of `segments`; `whole_trial` is S, `panel` its fee."""
    return max(
        price.times(2 * whole_trial) + panel,
        price.times(segments).mul_bps_up(BOND_BPS),
        _eighth(price.times(segments)) + panel.times(2),
    )


def audit_fee(total: Amount) -> Amount:
    """The judges' part on top of the price of an award, or of what was done of it."""
    return total.mul_bps_up(AUDIT_FEE_BPS)


def award_cost(total: Amount, tip: Amount) -> Amount:
    """What `award` pulls: the price, the audit fee, a tip for `commit` and one for `settle`."""
    return total + audit_fee(total) + tip.times(2)


def deposit(total: Amount, panel: Amount) -> Amount:
    """What a challenger locks: a fifth of the award's price and a panel's fee."""
    return total.mul_bps_up(DEPOSIT_BPS) + panel


def sellers_part(total: Amount, panel: Amount) -> Amount:
    """What a bond loses where a panel got what its seller had kept from a judge."""
    return _eighth(total) + Amount(panel * 5 // 8)


def accusers_part(total: Amount, panel: Amount) -> Amount:
    """What it costs who could not get it, to be taken by its worth."""
    return Amount(-(-total // 5) + panel // 2)


def worth(amount: Amount, least_bond: Amount, cap: Amount) -> Amount:
    """What an amount of a token is in the native coin: its cap is half a validator's least bond."""
    return Amount(least_bond * amount // (2 * cap))


def _eighth(total: Amount) -> Amount:
    return Amount(-(-total // 8))


def fine(total: Amount, least_bond: Amount, cap: Amount) -> Amount:
    """What a judge overturned by a panel loses at least: half of what the award is worth."""
    return Amount(least_bond * total // (4 * cap))
