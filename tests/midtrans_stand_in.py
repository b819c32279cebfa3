"""A stand-in for Midtrans' Core API, faithful to the collected facts: basic auth, 406 for a known order_id, signed notices."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from serving_thread import serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

KEY = "SB-Mid-server-abcdefghijklmnop"


@dataclass
class StandIn:
    """The payments it knows by order_id, what was asked of it, and what goes wrong next: "html", "500", "slow" or "lost"."""

    url: str = ""
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    async def charge(self, request: Request) -> Response:
        wish = await request.json()
        reference, amount = wish["transaction_details"]["order_id"], wish["transaction_details"]["gross_amount"]
        self.asked.append(f"charge {amount}")
        fault = self.faults.pop(0) if self.faults else ""
        if refusal := self._refusal(request, fault):
            return refusal
        if fault == "slow":
            await asyncio.sleep(0.3)
        if reference in self.payments:
            return JSONResponse({"status_code": "406", "status_message": "order_id has already been taken"}, 406)
        said = {"order_id": reference, "gross_amount": f"{amount}.00", "transaction_id": f"t-{len(self.payments) + 1}", "currency": "IDR"}
        said |= {"transaction_status": "pending", "fraud_status": "accept", "payment_type": "qris"}
        self.payments[reference] = said
        shown = {"qr_string": f"00020101021226{reference}", "expiry_time": "2026-11-23 10:15:00", "status_code": "201"}
        return Response("", 502) if fault == "lost" else JSONResponse({**said, **shown}, 201)

    async def status(self, request: Request) -> Response:
        self.asked.append("status")
        fault = self.faults.pop(0) if self.faults else ""
        if refusal := self._refusal(request, fault):
            return refusal
        known = self.payments.get(request.path_params["reference"])
        if known is None:
            return JSONResponse({"status_code": "404", "status_message": "Transaction doesn't exist."}, 404)
        return JSONResponse({**known, "status_code": "200"})

    def _refusal(self, request: Request, fault: str) -> Response | None:
        if request.headers.get("authorization") != "Basic " + base64.b64encode(f"{KEY}:".encode()).decode():
            return JSONResponse({"status_code": "401", "status_message": "Unknown Merchant server_key/id"}, 401)
        if fault == "html":
            return Response("<html>maintenance</html>", 200, media_type="text/html")
        return Response("", 500) if fault == "500" else None

    def becomes(self, state: str, reference: str = "") -> dict[str, Any]:
        """Let a payment, the newest unless said, stand so; the notice that Midtrans sends of it."""
        reference = reference or list(self.payments)[-1]
        self.payments[reference]["transaction_status"] = state
        return self.notice(reference)

    def notice(self, reference: str, **changed: Any) -> dict[str, Any]:
        """The signed notice of how a payment stands, with something changed after it was signed."""
        said = {**self.payments[reference], "status_code": "200"}
        signed = said["order_id"] + said["status_code"] + said["gross_amount"] + KEY
        return {**said, "signature_key": hashlib.sha512(signed.encode()).hexdigest(), **changed}


@contextmanager
def running() -> Iterator[StandIn]:
    """A running stand-in whose merchant has KEY."""
    stand_in = StandIn()
    routes = [
        Route("/v2/charge", stand_in.charge, methods=["POST"]),
        Route("/v2/{reference}/status", stand_in.status, methods=["GET"]),
    ]
    with serving(Starlette(routes=routes)) as stand_in.url:
        yield stand_in


def body(notice: dict[str, Any]) -> bytes:
    """A notice as it goes over the wire."""
    return json.dumps(notice).encode()
