import pytest

from compute_swarm.engine.weights import cached_name, check_files
from compute_swarm.errors import ModelNotFound


def test_a_cached_model_is_named_by_its_id_and_revision() -> None:
    assert cached_name("gpt2", "main") == "gpt2--main"
    assert cached_name("org/model-1.5_b", "0f3a") == "org--model-1.5_b--0f3a"


@pytest.mark.parametrize(
    ("model_id", "revision"),
    [
        ("../../etc", "main"),
        ("/etc/passwd", "main"),
        ("org/..", "main"),
        ("org/mo..del", "main"),
        ("a/b/c", "main"),
        ("org/", "main"),
        ("", "main"),
        ("org--other/model", "main"),
        ("org/mo del", "main"),
        ("org/model\n", "main"),
        ("org/model", "../main"),
        ("org/model", "refs/pr/1"),
        ("org/model", ""),
        ("org/" + "m" * 97, "main"),
    ],
)
def test_what_is_no_name_of_the_hub_never_becomes_a_path(model_id: str, revision: str) -> None:
    with pytest.raises(ModelNotFound):
        cached_name(model_id, revision)


def test_only_safetensors_of_a_known_and_bounded_size_are_fetched() -> None:
    files = {"config.json": 10, "model.safetensors": 90, "pytorch_model.bin": 10**15}
    check_files("org/model", files, 100)
    with pytest.raises(ModelNotFound, match="100 bytes"):
        check_files("org/model", files, 99)
    with pytest.raises(ModelNotFound, match="no safetensors"):
        check_files("org/model", {"pytorch_model.bin": 1}, 100)
    with pytest.raises(ModelNotFound, match="does not tell"):
        check_files("org/model", {"model.safetensors": None}, 100)
