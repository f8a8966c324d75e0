"""/api/providers: installed catalogues, resolvers and fetchers."""

from typing import Final

from aiohttp import web

from aniworld_core.application.catalogue import InstalledProvider
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas import listed


async def list_providers(request: web.Request) -> web.Response:
    """List the installed providers with their recent results."""
    return listed(request, await request.app[APPLICATION].providers.survey())


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/providers",
        handler=list_providers,
        id="listProviders",
        summary="List installed catalogues, resolvers and fetchers with their recent results",
        answers={
            200: Answer(
                description="Catalogues in the order of queries, then resolvers and fetchers",
                content=tuple[InstalledProvider, ...],
                headers={"X-Total-Count": "Number of all providers"},
            )
        },
    ),
)
