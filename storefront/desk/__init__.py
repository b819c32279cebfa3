"""The desk: what staff of a village see and do. One file a noun; each handler reads, calls one function of the noun, and answers."""

from fastapi import APIRouter

from storefront.desk import (
    accounts,
    attractions,
    campaigns,
    comparing,
    editor,
    home,
    links,
    logins,
    makers,
    monthly,
    orders,
    packs,
    payments,
    postfiles,
    posts,
    products,
    reports,
    scripts,
    session,
    sharing,
    signs,
    staff,
    village,
)

router = APIRouter(include_in_schema=False)
for _noun in (
    session,
    home,
    products,
    attractions,
    makers,
    payments,
    orders,
    editor,
    postfiles,
    packs,
    scripts,
    posts,
    accounts,
    logins,
    signs,
    links,
    campaigns,
    comparing,
    monthly,
    sharing,
    reports,
    village,
    staff,
):
    router.include_router(_noun.router)
