"""`aniworld providers`."""

from collections.abc import Iterator
from typing import Final

import anyio
import attrs

from aniworld_cli.exit_codes import DONE
from aniworld_cli.session import CurrentSession
from aniworld_core.bootstrap.application import Application
from aniworld_core.bootstrap.plugins import adapter_distributions, load_adapter
from aniworld_core.errors import AdapterBrokenError, AniworldError
from aniworld_core.ports.loader import Loader

#: How long a catalogue may take to answer; a person is waiting.
_PATIENCE: Final = 15.0
#: Asked only to see whether an answer comes.
_HARMLESS_QUERY: Final = "moon"
_GROUPS: Final = (
    ("catalogue", "aniworld.loader"),
    ("resolver", "aniworld.resolver"),
    ("fetcher", "aniworld.fetcher"),
)


@attrs.frozen(kw_only=True)
class ProviderView:
    """One installed provider and how it is.

    Attributes:
        kind: `catalogue`, `resolver` or `fetcher`.
        status: `ok`, `disabled`, `broken`, or the kind of error it answers with.
        detail: Why, when it is not well; otherwise who offers it.
    """

    name: str
    site: str
    kind: str
    enabled: bool
    status: str
    detail: str


async def providers(*, session: CurrentSession) -> int:
    """Tell what is installed and whether it answers."""
    async with session.application() as app:
        views = await _catalogues(app)
        views += _others(app)
    if session.output.is_json:
        session.output.view(views)
    else:
        session.output.table(
            ("Name", "Kind", "Site", "Status", "Detail"),
            [(v.name, v.kind, v.site, v.status, v.detail) for v in views],
        )
    return DONE


async def _catalogues(app: Application) -> list[ProviderView]:
    """Every catalogue, the enabled ones in the order in which they are asked."""
    views: dict[str, ProviderView] = {}

    async def probe(loader: Loader) -> None:
        views[loader.name] = await _probed(loader)

    async with anyio.create_task_group() as tasks:
        for loader in app.catalogue.loaders:
            tasks.start_soon(probe, loader)
    asked = [views[loader.name] for loader in app.catalogue.loaders]
    broken = app.catalogue.loaders.broken
    rest = [
        _view(name, "catalogue", status="broken", detail=reason) for name, reason in broken.items()
    ]
    known = {*views, *broken}
    for name, distribution in adapter_distributions("aniworld.loader").items():
        if name not in known:
            rest.append(_idle(name, distribution))
    return asked + rest


async def _probed(loader: Loader) -> ProviderView:
    view = _view(loader.name, "catalogue", site=loader.site)
    try:
        with anyio.fail_after(_PATIENCE):
            await loader.search(_HARMLESS_QUERY)
    except AniworldError as error:
        return attrs.evolve(view, status=error.kind, detail=str(error))
    except TimeoutError:
        late = f"no answer within {_PATIENCE:.0f} s"
        return attrs.evolve(view, status="provider_unavailable", detail=late)
    return view


def _idle(name: str, distribution: str) -> ProviderView:
    """A catalogue that is not asked: switched off, or not even loadable."""
    reason = _reason_not_loaded("aniworld.loader", name)
    if reason is not None:
        return _view(name, "catalogue", status="broken", detail=reason)
    detail = f"from {distribution}; switch it on: aniworld config set providers.{name}.enabled true"
    return _view(name, "catalogue", status="disabled", detail=detail)


def _others(app: Application) -> list[ProviderView]:
    opened = {
        "resolver": {resolver.name for resolver in app.resolvers},
        "fetcher": {fetcher.name for fetcher in app.fetchers},
    }
    return [
        _other(kind, group, name, distribution, is_open=name in opened[kind])
        for kind, group, name, distribution in _installed()
        if kind in opened
    ]


def _other(kind: str, group: str, name: str, distribution: str, *, is_open: bool) -> ProviderView:
    if is_open:
        return _view(name, kind, detail=f"from {distribution}")
    reason = _reason_not_loaded(group, name) or "it could not be opened"
    return _view(name, kind, status="broken", detail=reason)


def _installed() -> Iterator[tuple[str, str, str, str]]:
    for kind, group in _GROUPS:
        for name, distribution in adapter_distributions(group).items():
            yield kind, group, name, distribution


def _reason_not_loaded(group: str, name: str) -> str | None:
    try:
        load_adapter(group, name)
    except AdapterBrokenError as error:
        return error.reason
    return None


def _view(
    name: str, kind: str, *, site: str = "", status: str = "ok", detail: str = ""
) -> ProviderView:
    return ProviderView(
        name=name,
        site=site,
        kind=kind,
        enabled=status != "disabled",
        status=status,
        detail=detail,
    )
