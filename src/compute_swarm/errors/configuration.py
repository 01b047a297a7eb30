"""What this machine is set up with does not fit."""

from compute_swarm.errors.root import SwarmError


class ConfigurationError(SwarmError):
    """This machine is not set up for what was asked."""

    code = "config"
    exit_status = 3


class WrongChain(ConfigurationError):
    code = "config.wrong_chain"

    def __init__(self, want: int, got: int) -> None:
        super().__init__(want, got)
        self.want, self.got = want, got

    @property
    def sentence(self) -> str:
        return f"The RPC serves chain {self.got}, the network is chain {self.want}."

    @property
    def action(self) -> str:
        return "Change the RPC, or choose another network with `--network`."


class NoRpc(ConfigurationError):
    """Only the network `local` has a usual place on this machine."""

    code = "config.no_rpc"

    def __init__(self, network: str) -> None:
        super().__init__(network)
        self.network = network

    @property
    def sentence(self) -> str:
        return f"No RPC is set for the network {self.network!r}."

    @property
    def action(self) -> str:
        return "Name one of its chain with `--rpc`, SWARM_RPC, or `rpc` in swarm.toml."


class NoKey(ConfigurationError):
    code = "config.no_key"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    @property
    def sentence(self) -> str:
        return f"There is no key named {self.name!r}."

    @property
    def action(self) -> str:
        return "Make one with `swarm wallet new`, or name a keystore's file in SWARM_KEYSTORE."


class NoDeployment(ConfigurationError):
    code = "config.no_deployment"

    def __init__(self, network: str) -> None:
        super().__init__(network)
        self.network = network

    @property
    def sentence(self) -> str:
        return f"No contracts are recorded for the network {self.network!r}."

    @property
    def action(self) -> str:
        return "Deploy them with `swarm net deploy`, or choose another network."


class DatabaseInUse(ConfigurationError):
    code = "config.database_in_use"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    @property
    def sentence(self) -> str:
        return f"Another process writes to {self.path}."

    @property
    def action(self) -> str:
        return "Stop it, or choose another data folder."


class DatabaseTooNew(ConfigurationError):
    code = "config.database_too_new"

    def __init__(self, path: str, version: int, known: int) -> None:
        super().__init__(path, version, known)
        self.path, self.version, self.known = path, version, known

    @property
    def sentence(self) -> str:
        return f"{self.path} has version {self.version}, and {self.known} is the newest known here."

    @property
    def action(self) -> str:
        return "Update compute-swarm."


class KeystoreExists(ConfigurationError):
    code = "config.keystore_exists"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    @property
    def sentence(self) -> str:
        return f"{self.path} holds a key already; it was left as it is."

    @property
    def action(self) -> str:
        return "Choose another file, or use the key that is there."


class WrongPassword(ConfigurationError):
    code = "config.wrong_password"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    @property
    def sentence(self) -> str:
        return f"The password does not open {self.path}."

    @property
    def action(self) -> str:
        return "Check SWARM_PASSWORD_FILE or SWARM_PASSWORD."


class NoBinary(ConfigurationError):
    code = "config.no_binary"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    @property
    def sentence(self) -> str:
        return f"The program {self.name} was not found."

    @property
    def action(self) -> str:
        return f"Run `make setup`, or set SWARM_{self.name.upper()} to its path."


class PortTaken(ConfigurationError):
    code = "config.port_taken"

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.port = port

    @property
    def sentence(self) -> str:
        return f"Port {self.port} of this machine is in use."

    @property
    def action(self) -> str:
        return "Stop what uses it, or choose another port."


class DeploymentDiffers(ConfigurationError):
    """What lies at an address is not the build that this release was made with."""

    code = "config.deployment_differs"

    def __init__(self, contract: str, address: str, why: str) -> None:
        super().__init__(contract, address, why)
        self.contract, self.address, self.why = contract, address, why

    @property
    def sentence(self) -> str:
        return f"{self.contract} at {self.address} differs from this release: {self.why}."

    @property
    def action(self) -> str:
        return "Choose the network that this release belongs to, or update."


class EditionTaken(ConfigurationError):
    """Contracts of this name lie on the chain already, made from other builds or parameters."""

    code = "config.edition_taken"

    def __init__(self, edition: str, profile: str) -> None:
        super().__init__(edition, profile)
        self.edition, self.profile = edition, profile

    @property
    def sentence(self) -> str:
        return f"The addresses of edition {self.edition!r} of {self.profile} hold other contracts."

    @property
    def action(self) -> str:
        return "Deploy beside it with another `--edition`; what lies in the old one stays there."


class ModelNotFound(ConfigurationError):
    code = "config.model_not_found"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name, why)
        self.name, self.why = name, why

    @property
    def sentence(self) -> str:
        return f"The base model {self.name!r} was not found: {self.why}."

    @property
    def action(self) -> str:
        return "Give the folder of a model: config, safetensors and tokenizer."


class NoSession(ConfigurationError):
    code = "config.no_session"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    @property
    def sentence(self) -> str:
        return f"{self.path} is not the file of a spend session."

    @property
    def action(self) -> str:
        return "Ask the buyer for the file that `swarm sweep allow` wrote."


class SessionOtherKey(ConfigurationError):
    """A spend session is used with another key than it names."""

    code = "config.session_other_key"

    def __init__(self, key: str, wallet: str) -> None:
        super().__init__(key, wallet)
        self.key, self.wallet = key, wallet

    @property
    def sentence(self) -> str:
        return f"The session is for the key {self.key}, and the wallet is {self.wallet}."

    @property
    def action(self) -> str:
        return "Open that key as the wallet, or connect without the session."
