"""This process's arithmetic: one thread, deterministic kernels, no reduced precision."""

import os
from collections.abc import Mapping
from typing import Final

import torch

THREADS: Final = 1
# Batched matmul and softmax: the same bits for a row whatever shares its batch, and on CPU
# faster at our lengths than the fused kernels.
ATTENTION: Final = "eager"
DTYPES: Final[Mapping[str, torch.dtype]] = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
}


def fix() -> None:
    """Set this process up for reproducible results. Call it before the first tensor."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read by cuBLAS when it starts
    torch.set_num_threads(THREADS)
    torch.set_deterministic_debug_mode("error")  # the other call imports a compiler: seconds
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a property of the module's class
    torch.set_float32_matmul_precision("highest")
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = False
