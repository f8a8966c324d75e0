"""`aniworld users`: accounts of further users."""

from typing import Annotated

import attrs
from cyclopts import Parameter

from aniworld_cli.commands.access.password import installed_hasher, read_new_password
from aniworld_cli.completing import FreeText
from aniworld_cli.exit_codes import DONE, INTERRUPTED
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.access import AccountChange, Accounts
from aniworld_core.application.catalogue import wire_time
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.access import Account, Role, parse_role, parse_user_name

Name = Annotated[FreeText, Parameter(name="NAME")]


@attrs.frozen(kw_only=True)
class UserView:
    """An account without its password."""

    id: str
    name: str
    role: str
    disabled: bool
    created_at: str | None

    @classmethod
    def of(cls, account: Account) -> "UserView":
        """Return the view of an account."""
        return cls(
            id=account.id,
            name=account.name,
            role=account.role.value,
            disabled=account.is_disabled,
            created_at=wire_time(account.created_at),
        )


async def list_users(*, session: CurrentSession) -> int:
    """List the accounts, sorted by name. The master password is not one of them.

    Args:
        session: The run of the command.
    """
    output = session.output
    async with session.bookkeeping() as app:
        views = [UserView.of(account) for account in await _accounts(app).list()]
    if output.is_json:
        output.documents(users=views)
    elif not views:
        output.talk("there are no further users")
    else:
        output.table(
            ("Name", "Role", "State", "Created"),
            [
                (v.name, v.role, tr("disabled") if v.disabled else "", v.created_at or "")
                for v in views
            ],
        )
    return DONE


async def add(
    name: Name,
    /,
    *,
    role: Annotated[str, Parameter(name="--role")] = Role.VIEW.value,
    session: CurrentSession,
) -> int:
    """Create an account. Asks for its password twice on a terminal, else reads it from stdin.

    Args:
        name: Name to sign in with.
        role: `view` (see everything), `request` (also search, add and queue) or `manage`.
        session: The run of the command.
    """
    parsed, usable = parse_role(role), parse_user_name(name)
    password = read_new_password(session.output, tr("New password of {name}: ", name=usable))
    if password is None:
        return INTERRUPTED
    async with session.bookkeeping() as app:
        account = await _accounts(app).create(usable, parsed, password=password)
    done = tr("added {name} with the role {role}", name=account.name, role=account.role.value)
    return _show(session, account, done)


async def remove(name: Name, /, *, session: CurrentSession) -> int:
    """Remove an account; a running server ends its sessions and API keys after 15 seconds.

    Args:
        name: Name of the account.
        session: The run of the command.
    """
    async with session.bookkeeping() as app:
        accounts = _accounts(app)
        account = await accounts.named(name)
        await accounts.remove(account.id)
    return _show(session, account, tr("removed {name}", name=account.name))


async def set_role(
    name: Name, role: Annotated[str, Parameter(name="ROLE")], /, *, session: CurrentSession
) -> int:
    """Change the role of an account: `view`, `request` or `manage`.

    Args:
        name: Name of the account.
        role: The new role.
        session: The run of the command.
    """
    account = await _change(session, name, AccountChange(role=parse_role(role)))
    done = tr("{name} has the role {role}", name=account.name, role=account.role.value)
    return _show(session, account, done)


async def set_password(name: Name, /, *, session: CurrentSession) -> int:
    """Set the password of an account, which ends its sessions and API keys.

    Asks twice on a terminal, else reads one line from stdin.

    Args:
        name: Name of the account.
        session: The run of the command.
    """
    async with session.bookkeeping() as app:
        account = await _accounts(app).named(name)
    password = read_new_password(session.output, tr("New password of {name}: ", name=account.name))
    if password is None:
        return INTERRUPTED
    account = await _change(session, name, AccountChange(password=password))
    done = tr("the password of {name} was changed", name=account.name)
    return _show(session, account, done)


async def _change(session: CurrentSession, name: str, change: AccountChange) -> Account:
    async with session.bookkeeping() as app:
        accounts = _accounts(app)
        return await accounts.change((await accounts.named(name)).id, change)


def _show(session: CurrentSession, account: Account, done: str) -> int:
    if session.output.is_json:
        session.output.view(UserView.of(account))
    else:
        session.output.talk(done)
    return DONE


def _accounts(app: Application) -> Accounts:
    return Accounts(
        accounts=app.storage.accounts,
        sessions=app.storage.sessions,
        keys=app.storage.api_keys,
        hasher=installed_hasher(),
        clock=app.clock,
    )
