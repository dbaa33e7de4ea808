"""The liaison feed for the regional office: pages of CloudEvents with a cursor (N-05, D3.13)."""

import hashlib
import json
from collections.abc import Sequence
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from fastapi import Header, Query, Response

from services.notifications.domain.feed import in_words, region_slug
from services.notifications.store import feed
from services.notifications.store.feed import Numbered, Page
from shared.web.problems import Forbidden
from shared.web.routes import Act, Action, Routes, needs

routes = Routes(prefix="/api/v1", tags=["liaison feed"])

BATCH = "application/cloudevents-batch+json"
LARGEST_PAGE = 500


@routes.get("/feed/{region}", policy=needs("rd.liaison", "la.officer"))
async def feed_page(
    region: str,
    act: Act,
    after: int = Query(0, ge=0, le=2**62),
    limit: int = Query(100, ge=1, le=LARGEST_PAGE),
    if_none_match: str | None = Header(None),
) -> Response:
    """The entries of a region after a number, in order.

    The headers Feed-Highest and Feed-Count prove that none is missing: from the beginning to the highest number there
    are as many entries as that number says.
    """
    _allow_region(act, region)
    page = await act.read(lambda uow: feed.page(region, after, limit, uow))
    body = json.dumps([cloud_event(entry) for entry in page.entries], ensure_ascii=False, separators=(",", ":"))
    headers = _headers(page, limit, body)
    if if_none_match is not None and _matches(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=BATCH, headers=headers)


def cloud_event(entry: Numbered) -> dict[str, Any]:
    """An entry as a CloudEvent. `sequence` is padded, so that it sorts as text too."""
    return {
        "specversion": "1.0",
        "id": str(entry.id),
        "source": f"/consortia/feed/{entry.region}",
        "type": f"consortia.feed.{entry.kind}.v1",
        "subject": entry.urn or entry.region,
        "time": entry.published_at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "sequence": f"{entry.number:012d}",
        "data": {"number": entry.number, **entry.data},
    }


def _headers(page: Page, limit: int, body: str) -> dict[str, str]:
    state = f"{page.highest}/{page.count}/{body}".encode()
    headers = {
        "ETag": f'"{hashlib.sha256(state).hexdigest()[:32]}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Accept, Authorization",
        "Feed-Highest": str(page.highest),
        "Feed-Count": str(page.count),
        "Feed-In-Words": in_words(page.highest, page.count),
    }
    if page.entries:
        headers["Last-Modified"] = format_datetime(_latest(page.entries), usegmt=True)
        last = page.entries[-1].number
        if last < page.highest:
            headers["Link"] = f'</api/v1/feed/{quote(page.region)}?after={last}&limit={limit}>; rel="next"'
    return headers


def _latest(entries: Sequence[Numbered]) -> Any:
    return max(entry.published_at for entry in entries)


def _matches(if_none_match: str, etag: str) -> bool:
    """RFC 9110 13.1.2: by weak comparison, so that a mark W/ put on by a proxy still matches."""
    if if_none_match.strip() == "*":
        return True
    return etag in (each.strip().removeprefix("W/") for each in if_none_match.split(","))


def _allow_region(act: Action, region: str) -> None:
    """The regional office reads its own regions; the council's officers may read what any region is told."""
    if "la.officer" in act.principal.roles:
        return
    if region_slug(region) not in {region_slug(each) for each in act.principal.regions}:
        raise Forbidden(f"Your sign-in is not for the region {region}.")
