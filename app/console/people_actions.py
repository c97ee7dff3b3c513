"""What the `inhouse users`, `tokens` and `collections grant` commands do: options in, exit status out."""

import argparse

from app.console.invoking import invoke


def list_users(options: argparse.Namespace) -> int:
    """Print everybody who has an account."""
    return invoke(options, "users list")


def add_user(options: argparse.Namespace) -> int:
    """Make an account and print the link through which its owner chooses a password."""
    return invoke(options, "users add", name=options.name, roles=options.roles, groups=options.groups)


def edit_user(options: argparse.Namespace) -> int:
    """Give other roles, groups or a name; what is not named stays."""
    groups = [] if options.no_groups else options.groups or None
    given = {"name": options.name, "roles": options.roles, "groups": groups, "new_name": options.new_name}
    return invoke(options, "users edit", **given, active=None)


def bind_user(options: argparse.Namespace) -> int:
    """Let an account belong to somebody at the sign-in provider, or to nobody there."""
    return invoke(options, "users bind", name=options.name, subject=options.subject or "")


def disable_user(options: argparse.Namespace) -> int:
    """Disable an account: its sessions, tokens and running answers end."""
    return invoke(options, "users edit", name=options.name, roles=[], groups=None, active=False)


def enable_user(options: argparse.Namespace) -> int:
    """Let somebody sign in again."""
    return invoke(options, "users edit", name=options.name, roles=[], groups=None, active=True)


def invite_user(options: argparse.Namespace) -> int:
    """Print a link through which a person chooses a new password."""
    return invoke(options, "users link", name=options.name)


def list_tokens(options: argparse.Namespace) -> int:
    """Print the tokens of a person's programs."""
    return invoke(options, "tokens list", user=options.user)


def create_token(options: argparse.Namespace) -> int:
    """Make a token and print it, this once."""
    wanted = {"name": options.name, "user": options.user, "scopes": options.scopes, "days": options.days}
    return invoke(options, "tokens create", **wanted)


def revoke_token(options: argparse.Namespace) -> int:
    """Revoke a token."""
    return invoke(options, "tokens revoke", token_id=options.token_id, user=options.user)


def list_grants(options: argparse.Namespace) -> int:
    """Print who may read a collection."""
    return invoke(options, "collections grants", name=options.name)


def grant(options: argparse.Namespace) -> int:
    """Let somebody read or fill a collection."""
    may = "curate" if options.curate else "read"
    return invoke(options, "collections grant", name=options.name, may=may, **_holder(options))


def revoke(options: argparse.Namespace) -> int:
    """Let somebody read a collection no longer."""
    return invoke(options, "collections revoke", name=options.name, **_holder(options))


def _holder(options: argparse.Namespace) -> dict[str, str]:
    """Return to whom; argparse has seen that exactly one is named."""
    if options.everyone:
        return {"kind": "everyone", "holder": ""}
    if options.group is not None:
        return {"kind": "group", "holder": options.group}
    return {"kind": "person", "holder": options.user}
