"""What accusing an honest seller earns, and what a seller earns by starving its judges.

As in `economics`: exact expected values in p, the price of a whole trial. Each dispute has a panel
of its own. From several seats an accuser has more to lose and no more to win, as one slash gives
back all that there is: what does not pay once does not pay more often.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from compute_swarm.domain.audit import MOST_SHARES
from compute_swarm.verifier.economics import ALL, NONE, PAIRS, Panel, Shape, panel


@dataclass(frozen=True, slots=True)
class Accuser:
    """Who accuses an honest seller: alone, or with more of the cartel in its purse."""

    validators: bool = False  # their fees as panelists are its own
    buyer: bool = False  # keeps the adapters


ALONE: Final = Accuser()
EVERYBODY: Final = Accuser(validators=True, buyer=True)


def _accusation(
    shape: Shape, panel_: Panel, accuser: Accuser, reward: Fraction, fine: Fraction
) -> Fraction:
    won, fee = reward + shape.back * accuser.buyer, shape.panel_fee * accuser.validators
    return panel_.falls * (won + fee) - panel_.holds * (fine - panel_.part * fee)


def false_challenge(shape: Shape, panel_: Panel, accuser: Accuser = ALONE) -> Fraction:
    """A quarter of the deposit against all of it, of which a lapsed one loses a panel's fee."""
    reward = shape.challengers_part
    lost = panel_.lapses * shape.panel_fee
    return _accusation(shape, panel_, accuser, reward, shape.deposit) - lost


def true_challenge(shape: Shape, panel_: Panel) -> Fraction:
    """The same of somebody honest who knows a forged segment."""
    lost = panel_.falls * shape.deposit + panel_.lapses * shape.panel_fee
    return panel_.holds * shape.challengers_part - lost


def false_refutation(shape: Shape, panel_: Panel, accuser: Accuser = ALONE) -> Fraction:
    """For its verdict a judge earns no more than if it upheld; a lapse is a refund too."""
    back = panel_.lapses * shape.back * accuser.buyer
    return _accusation(shape, panel_, accuser, NONE, shape.refuters_fine) + back


def false_unavailable(shape: Shape, panel_: Panel, accuser: Accuser = ALONE) -> Fraction:
    """A panel that upholds has its whole fee here too, half of it from the seller."""
    back = panel_.lapses * shape.back * accuser.buyer
    return _accusation(shape, panel_, accuser, NONE, shape.withholders_fine) + back


def false_slash(judge: Fraction, panel_: Panel, shares: int = MOST_SHARES) -> Fraction:
    """The chance that colluding judges, as many as are drawn, have an honest award slashed."""
    return 1 - (1 - judge * panel_.falls) ** shares


def false_slash_silenced(x: Fraction, shares: int = MOST_SHARES) -> Fraction:
    """The same where the cartel silences every honest judge and accuses from substitutes' seats.

    Each names another item; a share is closed once two honest substitutes have upheld it.
    """
    panel_ = panel(x)

    def escapes(pair: int, honest: int) -> Fraction:
        if pair == PAIRS or honest >= 2:
            return ALL
        ways = ((0, x**2), (1, 2 * x * (1 - x)), (2, (1 - x) ** 2))
        return sum(
            (
                chance * (1 - panel_.falls) ** (2 - more) * escapes(pair + 1, honest + more)
                for more, chance in ways
            ),
            NONE,
        )

    return 1 - (x * (1 - panel_.falls) + (1 - x) * escapes(0, 0)) ** shares


def run_out(x: Fraction, *, silenced: bool = True, shares: int = MOST_SHARES) -> Fraction:
    """The chance that silence alone takes an honest award's pay: a share is left unanswered.

    Its judge is silenced or colludes, and none of its six substitutes is honest: one would do.
    """
    return 1 - (1 - (ALL if silenced else x) * x ** (2 * PAIRS)) ** shares


# --- kept from judges, served to panels ------------------------------------------------------


def griefing(shape: Shape, judges: int = 1) -> Fraction:
    """What judges lose for each unit that it costs a seller to starve them of honest work."""
    return judges * shape.withholders_fine / shape.sellers_part


def starving(
    shape: Shape, x: Fraction, judges: int, *, substitutes: int = 0, buyer: bool = False
) -> Fraction:
    """What that is worth to a seller in one purse with part x of the panels, which all uphold.

    Each of the starved calls for a panel of its own; the seller pays the first one's other half. A
    buyer in that purse saves the fee of each share in whose place a panel spoke, or that runs out
    as all of its substitutes are starved.
    """
    panels = (1 + judges + substitutes) * shape.half_panel
    shares = judges + substitutes // (2 * PAIRS)
    return x * panels + shares * shape.judges_fee * buyer - shape.sellers_part


def certainty(shape: Shape) -> Fraction:
    """How likely a panel must be not to get it either, that a judge says so and isn't silent.

    Silence costs it its share's fee, as soon as a substitute speaks.
    """
    return (shape.withholders_fine - shape.judges_fee) / (shape.withholders_fine + shape.judges_fee)


def starved(shape: Shape) -> Fraction:
    """A seller's value if a panel called by `unavailable` looked at that one item alone.

    The seller does the first block of each share, forges the others, keeps from each judge all
    that it is drawn for, and serves the panel the first of it: nobody has to collude.
    """
    whole = shape.done - sum(shape.blocks[: shape.shares])
    return Fraction(whole, shape.segments) - shape.sellers_part
