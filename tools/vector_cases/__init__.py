"""The cases of tests/vectors, a module for each file of them."""
