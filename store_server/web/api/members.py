"""What members do on a handheld or a kiosk: register, log in, look at their balance, be forgotten."""

from __future__ import annotations

from fastapi import APIRouter

from store_server.contract.member_messages import (
    DeleteMember,
    MemberAccount,
    MemberDeleted,
    MemberLogin,
    MemberSession,
    RegisterMember,
    ShowMember,
)
from store_server.contract.refusals import Refusal
from store_server.services import members
from store_server.services.guess_limits import Guess
from store_server.web.api.access import OpenStore, Shopping
from store_server.web.api.answering import AnsweringRoute

router = APIRouter(route_class=AnsweringRoute, prefix="/v1/members", tags=["members"])

_WRONG = frozenset({Refusal.UNAUTHENTICATED, Refusal.FORBIDDEN, Refusal.NOT_A_MEMBER})


@router.post("")
def register(store: OpenStore, device: Shopping, request: RegisterMember) -> MemberAccount:
    """Become a member."""
    with store.guesses.guessing(Guess.MEMBER, device.name, store.clock(), wrong=frozenset({Refusal.LOGIN_TAKEN})):
        return members.register(store, device, request)


@router.post("/login")
def login(store: OpenStore, device: Shopping, request: MemberLogin) -> MemberSession:
    """Log in; the token goes into later requests."""
    with store.guesses.guessing(Guess.MEMBER, device.name, store.clock(), wrong=_WRONG):
        return members.login(store, request)


@router.post("/logout")
def logout(store: OpenStore, _device: Shopping, request: ShowMember) -> MemberAccount:
    """End a session; the answer shows how the member stood."""
    shown = members.show(store, request.member_token)
    members.logout(store, request.member_token)
    return shown


@router.post("/show")
def show(store: OpenStore, device: Shopping, request: ShowMember) -> MemberAccount:
    """Fetch balance, points and tier."""
    with store.guesses.guessing(Guess.MEMBER, device.name, store.clock(), wrong=_WRONG):
        return members.show(store, request.member_token)


@router.post("/delete")
def delete(store: OpenStore, device: Shopping, request: DeleteMember) -> MemberDeleted:
    """Be forgotten; all sums stay."""
    with store.guesses.guessing(Guess.MEMBER, device.name, store.clock(), wrong=_WRONG):
        return members.delete(store, device, request)
