"""`python -m compute_swarm.cli` is `swarm`."""

from compute_swarm.cli import main

main()
