"""A sweep that finds no seller, does not succeed, or does not fit a machine."""

from compute_swarm.errors.input import BadInput
from compute_swarm.errors.root import SwarmError


class NoOffers(SwarmError):
    code = "sweep.no_offers"
    exit_status = 5

    def __init__(self, sellers: int) -> None:
        super().__init__(sellers)
        self.sellers = sellers

    @property
    def sentence(self) -> str:
        return f"None of {self.sellers} sellers offered on this sweep."

    @property
    def action(self) -> str:
        return "Raise the budget or loosen the requirements; `swarm sweep quote` says which."


class OverBudget(NoOffers):
    """The offers are there, and too dear."""

    code = "sweep.over_budget"

    def __init__(self, need: str, most: str) -> None:
        SwarmError.__init__(self, need, most)
        self.need, self.most = need, most

    @property
    def sentence(self) -> str:
        return f"The sweep costs {self.need} and max_spend is {self.most}."

    @property
    def action(self) -> str:
        return "Raise max_spend, or ask for fewer trials or steps."


class BidUnusable(NoOffers):
    """A seller's signed bid is not what was asked for."""

    code = "sweep.bid_unusable"

    def __init__(self, seller: str, why: str) -> None:
        SwarmError.__init__(self, seller, why)
        self.seller, self.why = seller, why

    @property
    def sentence(self) -> str:
        return f"The bid of {self.seller} cannot be used: {self.why}."

    @property
    def action(self) -> str:
        return "Quote again; the seller may be busy, or gone."


class RungRefused(BadInput):
    """Trials can't be brought further in this way."""

    code = "rung"


class RungOutOfRange(RungRefused):
    code = "rung.out_of_range"

    def __init__(self, end: int, least: int, segments: int) -> None:
        super().__init__(end, least, segments)
        self.end, self.least, self.segments = end, least, segments

    @property
    def sentence(self) -> str:
        return f"A rung of {self.end} segments is not between {self.least} and {self.segments}."

    @property
    def action(self) -> str:
        return "Name the segments that are done when it ends; a first rung needs a tenth of them."


class RungNotEvaluated(RungRefused):
    code = "rung.not_evaluated"

    def __init__(self, end: int, every: int) -> None:
        super().__init__(end, every)
        self.end, self.every = end, every

    @property
    def sentence(self) -> str:
        return f"Nothing is evaluated after {self.end} segments, only after every {self.every}."

    @property
    def action(self) -> str:
        return "End the rung at an evaluation, or describe the sweep with another eval_every."


class RungUnfinished(RungRefused):
    code = "rung.unfinished"

    def __init__(self, trial: str) -> None:
        super().__init__(trial)
        self.trial = trial

    @property
    def sentence(self) -> str:
        return f"Trial {self.trial} has no result on chain yet that it could go on from."

    @property
    def action(self) -> str:
        return "Watch the sweep to its end first, or leave the trial out."


class RungUndecided(RungRefused):
    """Who goes on is chosen once, and from what can't change any more."""

    code = "rung.undecided"

    def __init__(self, trial: str) -> None:
        super().__init__(trial)
        self.trial = trial

    @property
    def sentence(self) -> str:
        return f"Trial {self.trial} is not settled yet, so that the choice could still change."

    @property
    def action(self) -> str:
        return "Watch the sweep to its end first, or name the trials that go on."


class BidNotShown(RungRefused):
    """An award may hold any trials while nobody shows its bid, so nothing goes on beside it."""

    code = "rung.bid_not_shown"

    def __init__(self, award_id: str) -> None:
        super().__init__(award_id)
        self.award_id = award_id

    @property
    def sentence(self) -> str:
        return f"Which trials the award {self.award_id} holds is not known: nobody shows its bid."

    @property
    def action(self) -> str:
        return "Try again once the coordinator answers, or from the machine that paid for it."


class SurvivorsUnknown(RungRefused):
    code = "rung.survivors_unknown"

    def __init__(self, trials: int, keep: str = "") -> None:
        super().__init__(trials, keep)
        self.trials, self.keep = trials, keep

    @property
    def sentence(self) -> str:
        if self.keep:
            return f"{self.keep} is not the part of the trials that goes on."
        return f"None of {self.trials} trials has a settled evaluation there."

    @property
    def action(self) -> str:
        return "Keep a part like 0.5 or 1/3, of trials that are settled at the rung's end."


class SessionNeedsAward(BadInput):
    """A session opens with an award, and there was nothing to buy."""

    code = "session.needs_award"

    def __init__(self, sweep: str) -> None:
        super().__init__(sweep)
        self.sweep = sweep

    @property
    def sentence(self) -> str:
        return f"A session opens with an award, and nothing of {self.sweep} is to be bought now."

    @property
    def action(self) -> str:
        return (
            "Allow the key in place of starting the sweep, or while failed trials are to be bought."
        )


class SessionStands(BadInput):
    """A session of the key stands already, with other limits than those asked for."""

    code = "session.stands"

    def __init__(self, key: str, cap: int, highest_price: int) -> None:
        super().__init__(key, cap, highest_price)
        self.key, self.cap, self.highest_price = key, cap, highest_price

    @property
    def sentence(self) -> str:
        limits = f"a cap of {self.cap} and at most {self.highest_price} a segment, in base units"
        return f"A session of the key {self.key} stands with {limits}."

    @property
    def action(self) -> str:
        return "Ask with its own cap and price, or revoke it."


class SessionUseless(BadInput):
    """A session that could never award anything."""

    code = "session.useless"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    @property
    def sentence(self) -> str:
        return f"This session could award nothing: {self.why}."

    @property
    def action(self) -> str:
        return "Name another key, a cap above zero and some hours."


class SweepFailed(SwarmError):
    code = "sweep.failed"
    exit_status = 6

    def __init__(self, settled: int, trials: int) -> None:
        super().__init__(settled, trials)
        self.settled, self.trials = settled, trials

    @property
    def sentence(self) -> str:
        return f"{self.settled} of {self.trials} trials settled."

    @property
    def action(self) -> str:
        return "The rest is refunded; `swarm sweep watch` offers it again, within max_spend."


class DemoFailed(SweepFailed):
    """Something in the demo is not as the protocol promises."""

    code = "demo.failed"

    def __init__(self, what: str, seen: object = "") -> None:
        SwarmError.__init__(self, what, seen)
        self.what, self.seen = what, seen

    @property
    def sentence(self) -> str:
        return f"The demo failed: {self.what}{f' ({self.seen})' if self.seen else ''}."

    @property
    def action(self) -> str:
        return "Read build/demo/logs, and report it if it fails again."


class NothingSettled(SweepFailed):
    """There is no best trial before one is upheld and paid for."""

    code = "sweep.nothing_settled"

    @property
    def sentence(self) -> str:
        return f"None of {self.trials} trials has settled yet."

    @property
    def action(self) -> str:
        return "Wait for the audits: `swarm sweep watch`."


class ResultsNotShown(SweepFailed):
    """Settled trials can't be compared while nobody shows the receipts that their roots hold."""

    code = "sweep.results_not_shown"

    def __init__(self, trials: str) -> None:
        SwarmError.__init__(self, trials)
        self.missing = trials

    @property
    def sentence(self) -> str:
        return f"Nobody shows the results of the settled trials {self.missing}."

    @property
    def action(self) -> str:
        return "Try again once their seller or one of their judges is online."


class ResourceError(SwarmError):
    """This machine is too small for the work."""

    code = "resource"
    exit_status = 3


class ModelDoesNotFit(ResourceError):
    code = "resource.model_does_not_fit"

    def __init__(self, need_bytes: int, have_bytes: int, where: str) -> None:
        super().__init__(need_bytes, have_bytes, where)
        self.need_bytes, self.have_bytes, self.where = need_bytes, have_bytes, where

    @property
    def sentence(self) -> str:
        need, have = self.need_bytes / 2**30, self.have_bytes / 2**30
        return f"The work needs {need:.1f} GiB of {self.where} and {have:.1f} GiB are free."

    @property
    def action(self) -> str:
        return "Close other programs, or take smaller sweeps."


class ModelUnsupported(ResourceError):
    """The engine cannot train on this base as the protocol demands."""

    code = "resource.model_unsupported"

    def __init__(self, model: str, why: str) -> None:
        super().__init__(model, why)
        self.model, self.why = model, why

    @property
    def sentence(self) -> str:
        return f"{self.model} {self.why}."

    @property
    def action(self) -> str:
        return "Choose another base model or other target modules."


class WorkerFailed(ResourceError):
    """The process that trains or replays ended before its work did."""

    code = "resource.worker_failed"

    def __init__(self, cause: str, detail: str) -> None:
        super().__init__(cause, detail)
        self.cause, self.detail = cause, detail

    @property
    def sentence(self) -> str:
        return f"The worker process ended early ({self.cause}): {self.detail}"

    @property
    def action(self) -> str:
        return "Read the worker's log; the work goes on from its last boundary."


class DiskTooSmall(ResourceError):
    code = "resource.disk_too_small"

    def __init__(self, need_bytes: int, have_bytes: int, directory: str) -> None:
        super().__init__(need_bytes, have_bytes, directory)
        self.need_bytes, self.have_bytes, self.directory = need_bytes, have_bytes, directory

    @property
    def sentence(self) -> str:
        need, have = self.need_bytes / 2**30, self.have_bytes / 2**30
        return f"{self.directory} has {have:.1f} GiB free and {need:.1f} GiB are needed."

    @property
    def action(self) -> str:
        return "Free some space, or choose another folder."
