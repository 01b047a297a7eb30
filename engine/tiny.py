"""A tiny Llama with a byte-level tokenizer: a real base model for tests, made in a second."""

from pathlib import Path
from typing import Any, Final

import torch

from compute_swarm.engine import arithmetic

_END: Final = "<|end|>"
_VOCABULARY: Final = 320  # 256 bytes, the end, and room up to whole vector registers


def tiny(directory: Path, seed: int = 1, text: str = "", steps: int = 0) -> Path:
    """Write the model to `directory`, trained on `text` for `steps` when given; return it."""
    from transformers import LlamaConfig, LlamaForCausalLM

    arithmetic.fix()
    tokenizer = _byte_tokenizer()
    config = LlamaConfig(
        vocab_size=_VOCABULARY,
        hidden_size=128,
        intermediate_size=320,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config)
        _pretrain(model, tokenizer(text).input_ids, steps)
    model.save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    return directory


def _pretrain(model: Any, ids: list[int], steps: int) -> None:
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(steps):
        starts = torch.randint(0, len(ids) - 64, (8,)).tolist()
        batch = torch.tensor([ids[start : start + 64] for start in starts])  # (8, 64)
        logits = model(input_ids=batch).logits[:, :-1].flatten(0, 1)
        loss = torch.nn.functional.cross_entropy(logits, batch[:, 1:].flatten())
        torch.autograd.backward(loss)
        optimiser.step()
        optimiser.zero_grad()


def _byte_tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(letters)}, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    wrapped: Any = PreTrainedTokenizerFast  # untyped
    return wrapped(tokenizer_object=core, eos_token=_END, pad_token=_END)
