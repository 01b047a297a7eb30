"""A sweep as one declarative document; its canonical JSON's hash is on chain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from compute_swarm.domain.bid import Terms
from compute_swarm.domain.canonical import canonical
from compute_swarm.domain.fields import Fields
from compute_swarm.domain.grid import check_grid, grid_size
from compute_swarm.domain.ids import NATIVE, ZERO32, Address, Digest, hex32, keccak
from compute_swarm.domain.money import Amount
from compute_swarm.domain.space import Choice, Constant, Log, Space, Uniform, Values, read_space
from compute_swarm.errors import (
    SpecMissingKey,
    SpecNotMultiple,
    SpecOutOfRange,
    SpecRepeated,
    SpecUnsupported,
)

FORMATS: Final = ("text", "prompt_completion", "messages")
DTYPES: Final = ("float32", "bfloat16")
MOST_TRIALS: Final = 10_000
MOST_SHARDS: Final = 32
_EXACT_INTEGER: Final = 2**53 - 1  # RFC 8785's limit


@dataclass(frozen=True, slots=True)
class Model:
    id: str
    revision: str
    digest: Digest  # SHA-256 of the safetensors
    tokenizer_digest: Digest


@dataclass(frozen=True, slots=True)
class Dataset:
    cid: str
    digest: Digest  # SHA-256 of the plaintext
    format: str
    train_rows: int
    eval_rows: int
    max_length: int  # tokens

    @property
    def shards(self) -> int:
        """Evaluation row i is in shard i % shards."""
        return min(MOST_SHARDS, self.eval_rows)


@dataclass(frozen=True, slots=True)
class Lora:
    target_modules: tuple[str, ...]
    dropout: float = 0.0


@dataclass(frozen=True, slots=True)
class Training:
    steps: int
    segments: int
    micro_batch: int
    eval_every: int  # segments
    schedule: str


@dataclass(frozen=True, slots=True)
class Numeric:
    dtype: str
    eval_dtype: str  # of every evaluation; no rougher than training
    engine_version: str
    mode: str
    rank_bucket: int  # ranks are padded up to a multiple of it
    tolerance_digest: Digest


@dataclass(frozen=True, slots=True)
class Search:
    method: str
    trials: int
    replicas: int
    seed: int
    space: Space


@dataclass(frozen=True, slots=True)
class Requirements:
    vram_gib: int
    reachability: str


@dataclass(frozen=True, slots=True)
class Budget:
    token: Address
    max_spend: Amount
    deadline_s: int
    verdict_time: int


@dataclass(frozen=True, slots=True)
class SweepSpec:
    model: Model
    dataset: Dataset
    lora: Lora
    training: Training
    numeric: Numeric
    search: Search
    requirements: Requirements
    budget: Budget
    metric: str = "eval/loss"
    salt: Digest = field(default=ZERO32)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "SweepSpec":
        """Read and check a document; every default is filled in, unknown keys are errors."""
        fields = Fields(document, "", [*_SECTIONS, "metric", "salt"])
        training = _training(_section(fields, "training"))
        return cls(
            model=_model(_section(fields, "model")),
            dataset=_dataset(_section(fields, "dataset")),
            lora=_lora(_section(fields, "lora")),
            training=training,
            numeric=_numeric(_section(fields, "numeric", {})),
            search=_search(_section(fields, "search"), training.steps),
            requirements=_requirements(_section(fields, "requirements", {})),
            budget=_budget(_section(fields, "budget")),
            metric=fields.one_of("metric", ("eval/loss",), "eval/loss"),
            salt=fields.digest("salt", ZERO32),
        )

    def document(self) -> dict[str, Any]:
        """The complete document as JSON values; reading it gives an equal spec."""
        sections = {name: _plain(getattr(self, name), keys) for name, keys in _SECTIONS.items()}
        return {**sections, "metric": self.metric, "salt": hex32(self.salt)}

    def canonical(self) -> bytes:
        return canonical(self.document())

    @property
    def hash(self) -> Digest:
        return Digest(keccak(self.canonical()))

    @property
    def steps_per_segment(self) -> int:
        return self.training.steps // self.training.segments

    @property
    def terms(self) -> Terms:
        """What of it the contract repeats."""
        return Terms(
            token=self.budget.token,
            segments=self.training.segments,
            verdict_time=self.budget.verdict_time,
            vram_gib=self.requirements.vram_gib,
        )


_SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "model": ("id", "revision", "digest", "tokenizer_digest"),
    "dataset": ("cid", "digest", "format", "train_rows", "eval_rows", "max_length"),
    "lora": ("target_modules", "dropout"),
    "training": ("steps", "segments", "micro_batch", "eval_every", "schedule"),
    "numeric": ("dtype", "eval_dtype", "engine_version", "mode", "rank_bucket", "tolerance_digest"),
    "search": ("method", "trials", "replicas", "seed", "space"),
    "requirements": ("vram_gib", "reachability"),
    "budget": ("token", "max_spend", "deadline_s", "verdict_time"),
}


def _section(fields: Fields, name: str, *default: object) -> Fields:
    return Fields(fields.raw(name, *default), name, _SECTIONS[name])


def _model(fields: Fields) -> Model:
    return Model(
        id=fields.text("id"),
        revision=fields.text("revision"),
        digest=fields.digest("digest"),
        tokenizer_digest=fields.digest("tokenizer_digest"),
    )


def _dataset(fields: Fields) -> Dataset:
    return Dataset(
        cid=fields.text("cid"),
        digest=fields.digest("digest"),
        format=fields.one_of("format", FORMATS),
        train_rows=fields.integer("train_rows", 1, 10_000_000),
        eval_rows=fields.integer("eval_rows", 1, 1_000_000),
        max_length=fields.integer("max_length", 8, 131_072),
    )


def _lora(fields: Fields) -> Lora:
    modules = fields.texts("target_modules")
    if len(set(modules)) < len(modules):
        raise SpecRepeated(fields.path("target_modules"))
    dropout = fields.number("dropout", 0.0)
    if dropout != 0:
        raise SpecUnsupported(fields.path("dropout"), dropout, 0)
    return Lora(modules)


def _training(fields: Fields) -> Training:
    segments = fields.integer("segments", 24, 1024, 32)
    steps = fields.integer("steps", 24, 10_000_000)
    if steps % segments:
        raise SpecNotMultiple(fields.path("steps"), steps, segments)
    return Training(
        steps=steps,
        segments=segments,
        micro_batch=fields.integer("micro_batch", 1, 1024, 1),
        eval_every=fields.integer("eval_every", 1, segments, segments),
        schedule=fields.one_of("schedule", ("constant", "linear", "cosine"), "constant"),
    )


def _numeric(fields: Fields) -> Numeric:
    dtype = fields.one_of("dtype", DTYPES, "float32")
    # Rounded evaluations would blur what exact training earned, and gain nothing.
    finer = DTYPES if dtype == "bfloat16" else ("float32",)
    return Numeric(
        dtype=dtype,
        eval_dtype=fields.one_of("eval_dtype", finer, dtype),
        engine_version=fields.text("engine_version", "1"),
        mode=fields.one_of("mode", ("bmm",), "bmm"),
        rank_bucket=fields.integer("rank_bucket", 1, 256, 8),
        tolerance_digest=fields.digest("tolerance_digest", ZERO32),
    )


def _search(fields: Fields, steps: int) -> Search:
    space = read_space(fields.raw("space"), fields.path("space"))
    _check_warmup(fields.path("space.warmup_steps"), space["warmup_steps"], steps)
    method = fields.one_of("method", ("grid", "random"), "random")
    return Search(
        method=method,
        trials=_trial_count(fields, method, space),
        replicas=fields.integer("replicas", 1, 256, 1),
        seed=fields.integer("seed", 0, _EXACT_INTEGER, 0),
        space=space,
    )


def _check_warmup(path: str, values: Values, steps: int) -> None:
    match values:
        case Constant(value=most) | Uniform(high=most) | Log(high=most):
            pass
        case Choice(values=numbers):
            most = max(numbers)
    if most > steps:
        raise SpecOutOfRange(path, most, 0, steps)


def _trial_count(fields: Fields, method: str, space: Space) -> int:
    """A grid of lists has a size of its own; everything else has to be told."""
    size = grid_size(space) if method == "grid" else None
    if size is None and fields.raw("trials", None) is None:
        raise SpecMissingKey(fields.path("trials"))
    count = fields.integer("trials", 1, MOST_TRIALS, size)
    if method == "grid":
        check_grid(space, count, fields.path("trials"))
    return count


def _requirements(fields: Fields) -> Requirements:
    return Requirements(
        vram_gib=fields.integer("vram_gib", 0, 4096, 0),
        reachability=fields.one_of("reachability", ("any", "public"), "any"),
    )


def _budget(fields: Fields) -> Budget:
    return Budget(
        token=fields.address("token", NATIVE),
        max_spend=fields.amount("max_spend", 2**112 - 1),
        deadline_s=fields.integer("deadline_s", 1, 30 * 86_400, 3_600),
        verdict_time=fields.integer("verdict_time", 1, 86_400, 3_600),
    )


def _plain(section: object, keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: _json(getattr(section, key)) for key in keys}


def _json(value: object) -> Any:
    match value:
        case bytes():
            return hex32(value)
        case Amount():
            return str(int(value))
        case tuple():
            return list(value)
        case Mapping():
            return {name: values.document() for name, values in value.items()}
        case _:
            return value
