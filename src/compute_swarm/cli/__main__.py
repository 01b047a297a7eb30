"""`python -m compute_swarm.cli`: the same as `swarm`."""

from compute_swarm.cli import main

if __name__ == "__main__":
    main()
