"""A frozen base model, loaded once and shared by every pack on it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from compute_swarm.domain.spec import Numeric
from compute_swarm.engine import arithmetic
from compute_swarm.engine.lora import Leaf, PackedLinear, Shapes
from compute_swarm.errors import ModelUnsupported


class Base:
    """The decoder and the head of a causal language model, without a gradient of their own."""

    def __init__(self, model: Any, tokenizer: Any, directory: Path, device: torch.device) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.directory = directory
        self.device = device
        self.decoder: nn.Module = model.get_decoder()
        self.head: Tensor = model.get_output_embeddings().weight
        self.dtype = self.head.dtype
        self._packed: dict[str, PackedLinear] = {}
        self._finer: Base | None = None

    def evaluating(self, numeric: Numeric) -> "Base":
        """Return the base that evaluations are computed on: this one, or the folder in fp32.

        In bf16 a row's loss is rounded by about 0.01, which is what two good trials differ by.
        Read once, when first asked for.
        """
        if arithmetic.DTYPES[numeric.eval_dtype] == self.dtype:
            return self
        if self._finer is None:
            self._finer = _load(self.directory, numeric.eval_dtype, self.device)
        return self._finer

    def shapes(self, target_modules: Sequence[str]) -> Shapes:
        """Return (out, in) of every linear layer that the targets name, by path."""
        found = {
            path: (module.weight.shape[0], module.weight.shape[1])
            for path, module in self.model.named_modules()
            if isinstance(module, nn.Linear | PackedLinear) and _named(path, target_modules)
        }
        for name in target_modules:
            if not self.has(name):
                raise ModelUnsupported(str(self.directory), f"has no linear layer {name!r}")
        return found

    def has(self, name: str) -> bool:
        """Whether some linear layer bears this name."""
        return any(
            isinstance(module, nn.Linear | PackedLinear) and _named(path, [name])
            for path, module in self.model.named_modules()
        )

    def hidden(self, ids: Tensor) -> Tensor:
        """Return the last hidden states (rows, T, H) of token ids (rows, T).

        Rows are padded on the right only, where a causal model cannot see it: no mask.
        """
        states: Tensor = self.decoder(input_ids=ids, use_cache=False).last_hidden_state
        return states

    @contextmanager
    def adapted(self, leaves: Mapping[str, tuple[Leaf, ...]]) -> Iterator[None]:
        """Add these adapters to their layers while the block runs."""
        layers = {self._layer(path): own for path, own in leaves.items()}
        for layer, own in layers.items():
            layer.leaves = own
        try:
            yield
        finally:
            for layer in layers:
                layer.leaves = ()

    def _layer(self, path: str) -> PackedLinear:
        if path not in self._packed:
            layer = PackedLinear(self.model.get_submodule(path))
            self.model.set_submodule(path, layer)
            self._packed[path] = layer
        return self._packed[path]


def load_base(directory: Path, numeric: Numeric, device: str = "cpu") -> Base:
    """Load a folder with config, safetensors and tokenizer; nothing in it is executed."""
    return _load(directory, numeric.dtype, torch.device(device))


def _load(directory: Path, dtype: str, device: torch.device) -> Base:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    arithmetic.fix()
    local = {"local_files_only": True, "trust_remote_code": False}
    model = AutoModelForCausalLM.from_pretrained(
        directory,
        dtype=arithmetic.DTYPES[dtype],
        attn_implementation=arithmetic.ATTENTION,
        use_safetensors=True,
        **local,
    )
    _check(model.config, directory)
    model.requires_grad_(False).train(False).to(device)
    tokenizer = AutoTokenizer.from_pretrained(directory, **local)
    return Base(model, tokenizer, directory, device)


def _check(config: Any, directory: Path) -> None:
    # These change the logits outside decoder and head, which is all that is computed here.
    for name, neutral in (("final_logit_softcapping", None), ("logits_scaling", 1.0)):
        if getattr(config, name, neutral) not in (neutral, None):
            raise ModelUnsupported(str(directory), f"changes its logits by {name}")


def _named(path: str, names: Sequence[str]) -> bool:
    return any(path == name or path.endswith(f".{name}") for name in names)
