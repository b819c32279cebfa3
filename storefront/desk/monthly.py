"""The month on one sheet, for the village head: at the desk, ready to be printed or kept as PDF."""

from fastapi import Request
from fastapi.responses import HTMLResponse

import storefront.desk.frame as frame
from storefront import monthpages
from storefront.desk.frame import Signed
from storefront.web import Now, Reading

router = frame.router()


@router.get("/laporan/bulan")
def month(request: Request, who: Signed, connection: Reading, at: Now, bulan: str = "") -> HTMLResponse:
    """A month like 2026-11; this one unless said."""
    return monthpages.page(request, connection, who.village, who.language, at, bulan, base="/desk/laporan/bulan")
