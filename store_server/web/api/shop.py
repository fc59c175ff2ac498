"""What every device asks for: the shop, the price book, what is known of an article, whether the server is well."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response, status
from fastapi.responses import PlainTextResponse

from store_server.contract.article_messages import ArticleDetails, PriceBook, PriceBookChanges
from store_server.contract.shop_messages import Shop
from store_server.contract.wire import COUNT_MAX
from store_server.services import catalogue
from store_server.web.api.access import Anyone, OpenStore, Public
from store_server.web.api.answering import AnsweringRoute
from store_server.web.observing import METRICS_TYPE

router = APIRouter(route_class=AnsweringRoute, tags=["every device"])


@router.get("/health", dependencies=[Public])
def health(store: OpenStore) -> dict[str, str | int]:
    """Say that the server and its books answer."""
    return {"status": "ok", "price_book_version": catalogue.newest_price_book(store).version}


@router.get("/metrics", dependencies=[Public], response_class=PlainTextResponse)
def metrics(request: Request) -> Response:
    """Fetch the server's numbers, of all its processes, as Prometheus reads them."""
    return Response(request.app.state.metrics.text(), media_type=METRICS_TYPE)


@router.get("/v1/shop")
def shop(store: OpenStore, _caller: Anyone) -> Shop:
    """Fetch keys, currency and caps of the shop."""
    return catalogue.shop(store)


@router.get("/v1/price-book", response_model=PriceBook, responses={304: {"description": "The held version is the newest."}})
def price_book(request: Request, store: OpenStore, _caller: Anyone) -> Response:
    """Fetch the whole price book, unless ``If-None-Match`` names the newest version."""
    held = catalogue.newest_price_book(store)
    headers = {"ETag": f'"{held.version}"', "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("If-None-Match", "") == headers["ETag"]:
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return Response(held.packed, media_type="application/json", headers={**headers, "Content-Encoding": "gzip"})
    return Response(held.body, media_type="application/json", headers=headers)


@router.get("/v1/price-book/changes", response_model=PriceBookChanges)
def price_book_changes(store: OpenStore, _caller: Anyone, since: Annotated[int, Query(ge=0, le=COUNT_MAX)]) -> Response:
    """Fetch what has changed since a version; refused when it is too old, then the whole price book is to be fetched."""
    return Response(catalogue.price_book_changes(store, since), media_type="application/json")


@router.get("/v1/articles/{code}")
def article(store: OpenStore, _caller: Anyone, code: Annotated[str, Path(max_length=90)]) -> ArticleDetails:
    """Fetch what is known of an article besides its price: nutrition, allergens, where it came from."""
    return catalogue.article(store, code)
