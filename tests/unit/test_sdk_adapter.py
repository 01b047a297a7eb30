import hashlib

import numpy as np
import safetensors.numpy

from compute_swarm.sdk.adapter import weights_digest


def test_the_digest_is_that_of_the_tensors_in_name_order():
    tensors = {
        "b.lora_B": np.ones((2, 3), dtype=np.float32),
        "a.lora_A": np.arange(6, dtype=np.float32).reshape(3, 2),
    }
    data = safetensors.numpy.save(tensors, {"note": "is no part of it"})
    expected = hashlib.sha256(tensors["a.lora_A"].tobytes() + tensors["b.lora_B"].tobytes())
    assert weights_digest(data) == expected.digest()
