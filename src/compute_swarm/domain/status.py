"""The states that people see, each with its meaning; the same words on every screen."""

from enum import IntEnum, StrEnum


class AwardStatus(IntEnum):
    """Equal to the contract's."""

    NONE = 0  # never awarded
    AWARDED = 1  # price and bond are locked, the seller works
    POSTED = 2  # result root is on chain, the window is open
    DISPUTED = 3  # a panel has been asked
    SETTLED = 4  # the seller is paid
    SLASHED = 5  # the bond is lost and the buyer refunded
    REFUNDED = 6  # nobody could judge: price and bond went back
    EXPIRED = 7  # no result in time: price and bond went back

    @property
    def terminal(self) -> bool:
        return self >= AwardStatus.SETTLED


class SweepStatus(StrEnum):
    DRAFT = "draft"  # described, nothing asked yet
    QUOTED = "quoted"  # offers are in, nothing signed
    FUNDING = "funding"  # the award transaction is on its way
    OPEN = "open"  # money is locked, no seller has started
    RUNNING = "running"  # sellers train
    SETTLING = "settling"  # results are posted and being audited
    SETTLED = "settled"  # every trial is paid for and delivered
    PARTLY_SETTLED = "partly_settled"  # some trials are, the rest is refunded
    REFUNDED = "refunded"  # all the money went back
    CANCELLED = "cancelled"  # no further awards; what was awarded runs on


class TrialStatus(StrEnum):
    QUEUED = "queued"  # waiting for a seller
    RUNNING = "running"  # being trained
    SUBMITTED = "submitted"  # its result waits to be posted
    AUDITING = "auditing"  # posted, validators replay a segment
    SETTLED = "settled"  # upheld, paid and delivered
    REFUTED = "refuted"  # a panel found it false
    EXPIRED = "expired"  # the seller did not deliver in time


class NodeStatus(StrEnum):
    STOPPED = "stopped"  # not running
    CHECKING = "checking"  # the doctor looks at the machine
    WAITING = "waiting"  # ready, no work yet
    WORKING = "working"  # training, or judging
    DRAINING = "draining"  # finishes its work and takes no more
    PAUSED = "paused"  # a pause's reason holds it
    ERROR = "error"  # an error's code says why it stands


class Pause(StrEnum):
    GAME = "game"  # a game or a full-screen program runs
    HOT = "hot"  # above the temperature limit
    BATTERY = "battery"  # not on mains
    SCHEDULE = "schedule"  # outside the hours set
    PRICE = "price"  # no sweep pays the lowest price


class Reachability(StrEnum):
    """How a peer of the mesh is reached."""

    DIRECT = "direct"  # its address answers
    PEER_RELAY = "peer_relay"  # through another peer
    DERP = "derp"  # through the mesh's relay
    IDLE = "idle"  # no traffic yet; probe first
    OFFLINE = "offline"  # the control server says so
    UNKNOWN = "unknown"  # not a peer of ours
    MESH_DOWN = "mesh_down"  # our own end is not running
    PUBLIC = "public"  # at its public address, without the mesh
    LOOPBACK = "loopback"  # on this machine

    @property
    def reachable(self) -> bool:
        return self in _REACHABLE


_REACHABLE = frozenset(
    (
        Reachability.DIRECT,
        Reachability.PEER_RELAY,
        Reachability.DERP,
        Reachability.PUBLIC,
        Reachability.LOOPBACK,
    )
)
