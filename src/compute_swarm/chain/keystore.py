"""Keys at rest: the Ethereum keystore format, mode 0600, never overwritten."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from eth_account import Account

from compute_swarm.errors import KeystoreExists, NoKey, WrongPassword

SCRYPT_ROUNDS = 1 << 18  # geth's standard strength, about a second


def write(path: Path, key: bytes, password: str, rounds: int = SCRYPT_ROUNDS) -> None:
    """Encrypt a key into a new file that only its owner can read."""
    document = Account.encrypt(key, password, kdf="scrypt", iterations=rounds)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeystoreExists(str(path)) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())


def read(path: Path, password: str) -> bytes:
    """Decrypt a key; NoKey where the file is missing or no keystore."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        document["crypto"]["mac"]
    except (OSError, ValueError, KeyError, TypeError):
        raise NoKey(str(path)) from None
    try:
        return bytes(Account.decrypt(document, password))
    except ValueError:
        raise WrongPassword(str(path)) from None


def password_from(environ: Mapping[str, str]) -> str:
    """`SWARM_PASSWORD_FILE` (without its last line break) or `SWARM_PASSWORD`."""
    file = environ.get("SWARM_PASSWORD_FILE")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError:
            raise NoKey(file) from None
    password = environ.get("SWARM_PASSWORD")
    if password is None:
        raise NoKey("SWARM_PASSWORD_FILE or SWARM_PASSWORD")
    return password
