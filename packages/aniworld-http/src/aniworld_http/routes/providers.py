"""/api/providers: what is installed to find and fetch media."""

from typing import Final

from aiohttp import web

from aniworld_core.application.catalogue import InstalledProvider
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas import listed


async def list_providers(request: web.Request) -> web.Response:
    """List what is installed, and how it has done."""
    return listed(request, await request.app[APPLICATION].providers.survey())


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/providers",
        handler=list_providers,
        id="listProviders",
        summary="Installed catalogues, resolvers and fetchers, and how they have done lately",
        answers={
            200: Answer(
                description="Catalogues in the order in which they are asked, then the others",
                content=tuple[InstalledProvider, ...],
                headers={"X-Total-Count": "How many there are in all"},
            )
        },
    ),
)
