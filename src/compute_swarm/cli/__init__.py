"""The `swarm` command."""


def main() -> None:
    """Run the command line; every refusal ends as three lines and its own exit status."""
    from compute_swarm.cli.app import run

    raise SystemExit(run())
