"""What every device asks for: the shop, the price book, whether the server is well."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response, status

from store_server.contract.messages import PriceBook, Shop
from store_server.services import catalogue
from store_server.web.api.access import Anyone, OpenStore

router = APIRouter(tags=["every device"])


@router.get("/health")
def health(store: OpenStore) -> dict[str, str | int]:
    """Say that the server and its books answer."""
    return {"status": "ok", "price_book_version": catalogue.newest_price_book(store).version}


@router.get("/v1/shop")
def shop(store: OpenStore, _caller: Anyone) -> Shop:
    """Fetch keys, currency and caps of the shop."""
    return catalogue.shop(store)


@router.get("/v1/price-book", response_model=PriceBook, responses={304: {"description": "The held version is the newest."}})
def price_book(request: Request, store: OpenStore, _caller: Anyone) -> Response:
    """Fetch the whole price book, unless ``If-None-Match`` names the newest version."""
    held = catalogue.newest_price_book(store)
    headers = {"ETag": f'"{held.version}"', "Cache-Control": "no-cache"}
    if request.headers.get("If-None-Match", "") == headers["ETag"]:
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(held.body, media_type="application/json", headers=headers)
