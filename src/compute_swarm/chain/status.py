"""The contracts' own enumerations, beside the award's status, which people see."""

from enum import IntEnum


class BidFault(IntEnum):
    """Why a bid was left out of an award; equal to the contract's."""

    NONE = 0  # it was awarded
    SWEEP = 1  # signed for another sweep
    TRIALS = 2  # list empty, ragged, too long or not increasing
    SEGMENTS = 3  # none, or more than a trial has
    START = 4  # goes on from an award neither posted nor settled, or past the last segment
    PRICE = 5  # below the least price or above the cap
    LATE = 6  # expired, or its deadline has passed
    NONCE = 7  # cancelled by its seller
    USED = 8  # awarded before
    VALIDATOR = 9  # its seller is a validator
    BOND = 10  # its seller's free balance does not cover the bond
    SIGNATURE = 11  # not signed by its seller


class DisputeStatus(IntEnum):
    """The life of a dispute; equal to the contract's."""

    NONE = 0  # never opened
    OPEN = 1  # its panel may vote
    REFUTED = 2  # a panel found that the seller was wrong, or could not get what it needs
    DISMISSED = 3  # a panel upheld the subject
    LAPSED = 4  # no panel found a quorum in time


class DisputeKind(IntEnum):
    """What a dispute came from; equal to the contract's."""

    REFUTATION = 0  # a judge's verdict refutes the item
    WITHHELD = 1  # a judge, or the panel that decided, could not get what it needs
    CHALLENGE = 2  # anybody's, with a deposit
