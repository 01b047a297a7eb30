"""Who is who in the demo, what they own, and the sweep that is bought."""

import math
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Self

from eth_account import Account

from compute_swarm.chain.devnet import MNEMONIC
from compute_swarm.chain.wallet import Wallet
from compute_swarm.cli.demo_books import Parties
from compute_swarm.domain.ids import Address
from compute_swarm.domain.money import Amount, parse_amount

SELLER_STAKE: Final = parse_amount("0.2 ETH")
VALIDATOR_BOND: Final = parse_amount("1 ETH")
MAX_SPEND: Final = "0.05 ETH"
TRIALS: Final = 8
TEXT: Final = "garden_cards.jsonl"


@dataclass(frozen=True, slots=True)
class Party:
    """One who takes part, with one of the keys that every local chain knows."""

    name: str
    key: bytes = field(repr=False)
    price: Amount | None = None  # of a seller, for a segment
    cheats: bool = False

    @classmethod
    def at(cls, index: int, name: str, price: str = "", cheats: bool = False) -> Self:
        Account.enable_unaudited_hdwallet_features()
        account = Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")
        return cls(name, bytes(account.key), parse_amount(price) if price else None, cheats)

    def wallet(self) -> Wallet:
        """A fresh wallet: a wallet counts nonces, and two of one key would count twice."""
        return Wallet.from_key(self.key)

    @property
    def address(self) -> Address:
        return self.wallet().address


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who takes part."""

    deployer: Party
    relayer: Party
    buyer: Party
    validators: tuple[Party, ...]
    sellers: tuple[Party, ...]

    @classmethod
    def of(cls, *sellers: Party) -> Self:
        """Five validators, a buyer and a relayer beside these sellers."""
        return cls(
            deployer=Party.at(0, "deployer"),
            relayer=Party.at(1, "relayer"),
            buyer=Party.at(2, "buyer"),
            validators=tuple(Party.at(n + 2, f"validator-{n}") for n in range(1, 6)),
            sellers=sellers,
        )

    @property
    def parties(self) -> Parties:
        return Parties(
            sellers=tuple(party.address for party in self.sellers),
            buyers=(self.buyer.address,),
            validators=tuple(party.address for party in self.validators),
            relayers=(self.relayer.address,),
        )


def demo_cast() -> Cast:
    """Three sellers, one a cheater. It asks the most, for half of the work."""
    return Cast.of(
        Party.at(10, "seller-1", "20000 gwei"),
        Party.at(11, "seller-2", "21000 gwei"),
        Party.at(12, "cheater", "22000 gwei", cheats=True),
    )


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """What a run of the demo does; `tiny` takes a model that trains in a second."""

    folder: Path  # logs, report and adapter; made anew
    models: Path  # kept from run to run
    tiny: bool = False
    seed: int = 0

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def home(self) -> Path:
        return self.folder / "homes"

    def sweep(self, model: Path, dtype: str) -> dict[str, Any]:
        """The buyer's words: 8 learning rates, a step of 64 tokens in each of 32 segments."""
        return {
            "model": model,
            "data": text_file(),
            "space": {"lr": learning_rates(self.tiny), "r": 8, "alpha": 16.0},
            "target_modules": ["q_proj", "v_proj"],
            "method": "grid",
            "steps": 32,
            "segments": 32,
            "micro_batch": 1,
            "max_length": 64,
            "eval_rows": 8,
            "dtype": dtype,
            "eval_dtype": "float32",  # bf16's rounding would pick the winner among the best
            "seed": self.seed,
            "max_spend": MAX_SPEND,
            "deadline_s": 600,
        }


def text_file() -> Path:
    """The demo's own text, packaged with it."""
    return Path(str(files("compute_swarm.cli"))) / "data" / TEXT


def learning_rates(tiny: bool) -> list[float]:
    """Eight rates around where the model learns best; the last ones are too high for it."""
    low, high = (1e-4, 1e-1) if tiny else (2e-4, 5e-2)
    steps = [math.log(low) + i * math.log(high / low) / (TRIALS - 1) for i in range(TRIALS)]
    return [float(f"{math.exp(step):.3g}") for step in steps]
