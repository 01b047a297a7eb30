"""What was handed in cannot be used."""

from collections.abc import Sequence

from compute_swarm.errors.root import SwarmError


class BadInput(SwarmError):
    """What was handed in cannot be used."""

    code = "input"
    exit_status = 2


class SpecInvalid(BadInput):
    """A sweep's document is wrong at `path`."""

    code = "spec"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class SpecUnknownKey(SpecInvalid):
    code = "spec.unknown_key"

    def __init__(self, path: str, known: Sequence[str]) -> None:
        super().__init__(path)
        self.known = tuple(known)

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is not a key of a sweep."

    @property
    def action(self) -> str:
        return f"Use one of {', '.join(self.known)}."


class SpecMissingKey(SpecInvalid):
    code = "spec.missing_key"

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is missing."

    @property
    def action(self) -> str:
        return "Add it; it has no default."


class SpecWrongType(SpecInvalid):
    code = "spec.wrong_type"

    def __init__(self, path: str, want: str, got: object) -> None:
        super().__init__(path)
        self.want, self.got = want, got

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is {self.got!r} ({type(self.got).__name__})."

    @property
    def action(self) -> str:
        return f"Give {self.want}."


class SpecNotFinite(SpecInvalid):
    code = "spec.not_finite"

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is not a finite number."

    @property
    def action(self) -> str:
        return "Give a number other than NaN and infinity."


class SpecOutOfRange(SpecInvalid):
    """Bounds are inclusive unless `open_low` says that the lower one is not."""

    code = "spec.out_of_range"

    def __init__(
        self, path: str, value: float, least: float, most: float, open_low: bool = False
    ) -> None:
        super().__init__(path)
        self.value, self.least, self.most, self.open_low = value, least, most, open_low

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is {self.value}."

    @property
    def action(self) -> str:
        low = f"above {self.least}" if self.open_low else f"at least {self.least}"
        return f"Give a value {low} and at most {self.most}."


class SpecNotOneOf(SpecInvalid):
    code = "spec.not_one_of"

    def __init__(self, path: str, value: object, allowed: Sequence[str]) -> None:
        super().__init__(path)
        self.value, self.allowed = value, tuple(allowed)

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is {self.value!r}."

    @property
    def action(self) -> str:
        return f"Use one of {', '.join(self.allowed)}."


class SpecUnsupported(SpecInvalid):
    code = "spec.unsupported"

    def __init__(self, path: str, value: object, only: object) -> None:
        super().__init__(path)
        self.value, self.only = value, only

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is {self.value}, which this version does not support."

    @property
    def action(self) -> str:
        return f"Use {self.only}, or leave the key out."


class SpecRepeated(SpecInvalid):
    code = "spec.repeated"

    @property
    def sentence(self) -> str:
        return f"`{self.path}` names something twice."

    @property
    def action(self) -> str:
        return "Name each value once."


class SpecNotMultiple(SpecInvalid):
    code = "spec.not_multiple"

    def __init__(self, path: str, value: int, of: int) -> None:
        super().__init__(path)
        self.value, self.of = value, of

    @property
    def fits(self) -> tuple[int, int]:
        """The nearest values that would do."""
        below = self.value // self.of * self.of
        return max(below, self.of), below + self.of

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is {self.value}, no multiple of the {self.of} segments."

    @property
    def action(self) -> str:
        low, high = self.fits
        return f"Use {low} or {high}, or change training.segments."


class SpecEmptyRange(SpecInvalid):
    code = "spec.empty_range"

    def __init__(self, path: str, low: float, high: float) -> None:
        super().__init__(path)
        self.low, self.high = low, high

    @property
    def sentence(self) -> str:
        return f"`{self.path}` runs from {self.low} to {self.high} and holds nothing."

    @property
    def action(self) -> str:
        return "Give the lower end first, or a plain constant."


class SpecGridTooSmall(SpecInvalid):
    code = "spec.grid_too_small"

    def __init__(self, path: str, asked: int, has: int) -> None:
        super().__init__(path)
        self.asked, self.has = asked, has

    @property
    def sentence(self) -> str:
        return f"`{self.path}` asks for {self.asked} trials of a grid of {self.has}."

    @property
    def action(self) -> str:
        return f"Ask for at most {self.has}, or widen search.space."


class SpecGridUneven(SpecInvalid):
    """A grid over ranges has the same number of points on each."""

    code = "spec.grid_uneven"

    def __init__(self, path: str, asked: int, fits: Sequence[int]) -> None:
        super().__init__(path)
        self.asked, self.fits = asked, tuple(fits)

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is {self.asked}, which no even grid over these ranges has."

    @property
    def action(self) -> str:
        return f"Use {' or '.join(map(str, self.fits))}, or the random method."


class DatasetInvalid(BadInput):
    """Line numbers start at 1; 0 means the file as a whole."""

    code = "dataset"

    def __init__(self, line: int, why: str) -> None:
        super().__init__(line, why)
        self.line, self.why = line, why

    @property
    def sentence(self) -> str:
        where = f"Line {self.line} of the dataset" if self.line else "The dataset"
        return f"{where} {self.why}."

    @property
    def action(self) -> str:
        return "Write one JSON object a line: text, or prompt and completion, or messages."


class PriceInvalid(BadInput):
    code = "price"

    def __init__(self, text: str, units: Sequence[str]) -> None:
        super().__init__(text)
        self.text, self.units = text, tuple(units)

    @property
    def sentence(self) -> str:
        return f"{self.text!r} is not an amount."

    @property
    def action(self) -> str:
        return f"Write a number and a unit ({', '.join(self.units)}), such as 0.05 ETH."


class DocumentInvalid(BadInput):
    """JSON from another party does not have the promised form."""

    code = "document"

    def __init__(self, path: str, want: str) -> None:
        super().__init__(path, want)
        self.path, self.want = path, want

    @property
    def sentence(self) -> str:
        return f"`{self.path or 'document'}` is not {self.want}."

    @property
    def action(self) -> str:
        return "Check that both sides run the same version."


class AddressInvalid(BadInput):
    code = "address"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    @property
    def sentence(self) -> str:
        return f"{self.text!r} is not an address."

    @property
    def action(self) -> str:
        return "Give 0x and 40 hexadecimal digits."


class TrialsInvalid(BadInput):
    """A packed list of trials is cut short, out of order or out of range."""

    code = "trials"

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place

    @property
    def sentence(self) -> str:
        return f"The list of trials is wrong at entry {self.place}."

    @property
    def action(self) -> str:
        return "Give strictly increasing (trial, replica) pairs."


class AnswersInvalid(BadInput):
    """A verdict's answers do not fit its share."""

    code = "answers"

    def __init__(self, items: int, data: bytes) -> None:
        super().__init__(items, data)
        self.items, self.data = items, data

    @property
    def sentence(self) -> str:
        return f"0x{self.data.hex()} does not answer {self.items} items."

    @property
    def action(self) -> str:
        return "Answer each item of the share once, and name one refuted item an award."


class NotKnown(BadInput):
    """The service holds nothing under this id."""

    code = "unknown"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(kind, name)
        self.kind, self.name = kind, name

    @property
    def sentence(self) -> str:
        return f"There is no {self.kind} {self.name}."

    @property
    def action(self) -> str:
        return "Check the id; it may have been closed."


class LimitReached(BadInput):
    """A service protects itself: this would be more than it keeps."""

    code = "limit"

    def __init__(self, what: str, most: int) -> None:
        super().__init__(what, most)
        self.what, self.most = what, most

    @property
    def sentence(self) -> str:
        return f"At most {self.most} {self.what} are taken."

    @property
    def action(self) -> str:
        return "Send less, or wait."


class SettingUnknown(BadInput):
    code = "config.setting_unknown"

    def __init__(self, name: str, where: str, known: Sequence[str]) -> None:
        super().__init__(name, where)
        self.name, self.where, self.known = name, where, tuple(known)

    @property
    def sentence(self) -> str:
        return f"{self.where} sets {self.name!r}, which is no setting."

    @property
    def action(self) -> str:
        return f"Use one of {', '.join(self.known)}."


class SettingsBroken(BadInput):
    code = "config.settings_broken"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)
        self.path, self.why = path, why

    @property
    def sentence(self) -> str:
        return f"The settings in {self.path} cannot be read: {self.why}."

    @property
    def action(self) -> str:
        return 'Correct the file, or move it away: lines such as rpc = "https://…".'


class SettingWrong(BadInput):
    code = "config.setting_wrong"

    def __init__(self, name: str, value: str, want: str) -> None:
        super().__init__(name, value, want)
        self.name, self.value, self.want = name, value, want

    @property
    def sentence(self) -> str:
        return f"{self.name} is {self.value!r}."

    @property
    def action(self) -> str:
        return f"Give {self.want}."


class CodeUnknown(BadInput):
    code = "cli.code_unknown"

    def __init__(self, asked: str, near: Sequence[str]) -> None:
        super().__init__(asked, near)
        self.asked, self.near = asked, tuple(near)

    @property
    def sentence(self) -> str:
        return f"No error has the code {self.asked!r}."

    @property
    def action(self) -> str:
        return f"Near it: {', '.join(self.near)}." if self.near else "List them: `swarm explain`."


class FolderTaken(BadInput):
    code = "cli.folder_taken"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    @property
    def sentence(self) -> str:
        return f"{self.path} is there already; it was left as it is."

    @property
    def action(self) -> str:
        return "Name another folder with `--output`, or move this one away."


class SweepUnknown(BadInput):
    code = "sweep.unknown"

    def __init__(self, asked: str, known: int) -> None:
        super().__init__(asked, known)
        self.asked, self.known = asked, known

    @property
    def sentence(self) -> str:
        return f"{self.asked!r} names none, or more than one, of {self.known} sweeps."

    @property
    def action(self) -> str:
        return "Give a whole id; `swarm sweep list` shows them."
