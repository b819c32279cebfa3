"""Pictures lent to networks that fetch them: a signed address of our own that nobody can guess and that ends after some days."""

import base64
import hmac
import re
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from storefront import media
from storefront.web import Config, Now, Store, wall_clock

router = APIRouter()
KEPT = timedelta(days=3)  # a container lives for one, and a network may come back
_STEM = re.compile(r"([0-9a-f]{64})\.(\d{1,6})\.([\w-]{24})", re.ASCII)
_PURPOSE = b"gapura.lent:"
SAMPLE = "/m/percobaan.jpg"
# Eight grey pixels each way: by it anybody can look whether our pictures can be fetched, before there is one to send.
_SAMPLE_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/wAALCAAIAAgB"
    "AREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/AKIA/9k="
)


def address(public_url: str, sha256: str, secret: str, *, at: datetime) -> str:
    """Where a network may fetch this picture from now on; the same all day."""
    day = (at + KEPT).astimezone(UTC).toordinal()
    return f"{public_url}/m/{sha256}.{day}.{_signature(sha256, day, secret)}.jpg"


@router.api_route(SAMPLE, methods=["GET", "HEAD"], include_in_schema=False)
def sample() -> Response:
    """A picture that shows nothing, for whoever wants to know whether ours can be fetched."""
    return Response(_SAMPLE_JPEG, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.api_route("/m/{name}.jpg", methods=["GET", "HEAD"], include_in_schema=False)
def picture(store: Store, config: Config, at: Now, name: str) -> Response:
    """The picture itself: no redirect, no cookie, no question asked."""
    found = _STEM.fullmatch(name)
    if found is None:
        raise media.UnknownPicture(name)
    sha256, day, signature = found[1], int(found[2]), found[3]
    is_ours = hmac.compare_digest(signature, _signature(sha256, day, config.secret.get_secret_value()))
    if not is_ours or at.astimezone(UTC).toordinal() > day:
        raise media.UnknownPicture(name)
    return FileResponse(store.file(sha256), media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


def _signature(sha256: str, day: int, secret: str) -> str:
    digest = hmac.digest(secret.encode(), _PURPOSE + f"{sha256}.{day}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:18]).decode()


class Lender:
    """Gives an address for a picture; the secret is in no repr."""

    def __init__(self, public_url: str, secret: str) -> None:
        self._public_url, self._secret = public_url, secret

    def __call__(self, sha256: str) -> str:
        return address(self._public_url, sha256, self._secret, at=wall_clock())
