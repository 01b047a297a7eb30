"""Questions to a person at a terminal."""

import typer


def ask_password() -> str:
    return str(typer.prompt("Password of the key", hide_input=True, err=True))


def ask_new_password() -> str:
    return str(typer.prompt("New password", hide_input=True, confirmation_prompt=True, err=True))
