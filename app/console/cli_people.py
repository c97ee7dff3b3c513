"""The part of the command line that is about people: `users`, `tokens`, and who may read a collection."""

from typing import Any

from app.answers import ROLES
from app.console import people_actions, person_actions
from app.console.options import command

SCOPES = ("ask", "manage")


def add_people(commands: Any) -> None:
    """Add `users` and `tokens`."""
    users = commands.add_parser("users", help="the people who sign in: list, add, change, disable, export, erase")
    parts = users.add_subparsers(
        metavar=f"list|add|edit|bind|link|disable|enable|{person_actions.NAMES}", required=True
    )
    command(parts, "list", people_actions.list_users, "name everybody who has an account")
    add = command(parts, "add", people_actions.add_user, "make an account and a link to choose its password")
    edit = command(
        parts, "edit", people_actions.edit_user, "give other roles, groups or a name; what is not named stays"
    )
    bind = command(parts, "bind", people_actions.bind_user, "let somebody sign in through the provider")
    link = command(parts, "link", people_actions.invite_user, "make a link through which a new password is chosen")
    disable = command(parts, "disable", people_actions.disable_user, "end everything of a leaver; nothing is erased")
    enable = command(parts, "enable", people_actions.enable_user, "let somebody sign in again")
    for part in (add, edit, bind, link, disable, enable):
        part.add_argument("name", metavar="NAME", help="the name they sign in with")
    for part in (add, edit):
        part.add_argument("--role", choices=ROLES, action="append", default=[], dest="roles", help="may be repeated")
    named: dict[str, Any] = {
        "metavar": "GROUP",
        "action": "append",
        "default": [],
        "dest": "groups",
        "help": "the same",
    }
    add.add_argument("--group", **named)
    either = edit.add_mutually_exclusive_group()
    either.add_argument("--group", **named)
    either.add_argument("--no-groups", action="store_true", help="take them out of every group")
    edit.add_argument("--name", metavar="NEW", dest="new_name", help="what they sign in with from now on")
    whose = bind.add_mutually_exclusive_group(required=True)
    whose.add_argument("--subject", metavar="SUB", help="the provider's own number of them")
    whose.add_argument("--nobody", action="store_true", help="let them sign in here again; send them a link")
    person_actions.add_to(parts, command)
    _add_tokens(commands)


def _add_tokens(commands: Any) -> None:
    tokens = commands.add_parser("tokens", help="list, make or revoke the tokens of people's programs")
    parts = tokens.add_subparsers(metavar="create|list|revoke", required=True)
    create = command(parts, "create", people_actions.create_token, "make a token; it is shown this once")
    create.add_argument("name", metavar="NAME", help="what it is for")
    create.add_argument(
        "--scope", choices=SCOPES, action="append", default=[], dest="scopes", help="ask (default): ask and read"
    )
    create.add_argument("--days", metavar="90", type=int, default=90, help="how long it is valid, at most 366")
    listed = command(parts, "list", people_actions.list_tokens, "name the tokens of a person")
    revoke = command(parts, "revoke", people_actions.revoke_token, "turn away whoever holds a token")
    revoke.add_argument("token_id", metavar="ID")
    for part in (create, listed, revoke):
        part.add_argument("--user", metavar="NAME", required=True, help="whose program it is")


def add_grants(parts: Any) -> None:
    """Add `grants`, `grant` and `revoke` to what is done to collections."""
    listed = command(parts, "grants", people_actions.list_grants, "name who may read a collection, and through what")
    listed.add_argument("name", metavar="NAME")
    grant = command(parts, "grant", people_actions.grant, "let somebody read a collection, or fill it")
    grant.add_argument("--curate", action="store_true", help="let them load and remove documents, too")
    revoke = command(parts, "revoke", people_actions.revoke, "let somebody read a collection no longer")
    for part in (grant, revoke):
        part.add_argument("name", metavar="NAME")
        who = part.add_mutually_exclusive_group(required=True)
        who.add_argument("--everyone", action="store_true", help="everybody who may ask questions here")
        who.add_argument("--group", metavar="GROUP")
        who.add_argument("--user", metavar="NAME")
