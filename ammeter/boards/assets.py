"""The page's files, packed once, each under a path that changes with their content."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

PAGE = Path(__file__).parent / "page"
TYPES = {".js": "text/javascript", ".css": "text/css"}


@dataclass(frozen=True)
class Asset:
    """One file as it is sent."""

    body: bytes
    packed: bytes
    content_type: str

    def response(self, request: web.Request) -> web.Response:
        """The file, packed where the browser takes that; kept by it for good, since its path names its content."""
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(
                body=self.packed,
                content_type=self.content_type,
                charset="utf-8",
                headers={**headers, "Content-Encoding": "gzip"},
            )
        return web.Response(body=self.body, content_type=self.content_type, charset="utf-8", headers=headers)


@dataclass(frozen=True)
class Assets:
    """All files of the page; modules import each other by relative paths, hence one release for all."""

    release: str
    files: Mapping[str, Asset]

    @property
    def modules(self) -> tuple[str, ...]:
        """The page's own modules, which a browser may fetch at once."""
        return tuple(name for name in self.files if name.endswith(".js") and name != "theme.js")

    def path(self, name: str) -> str:
        """Where the page finds a file."""
        return f"/assets/{self.release}/{name}"


def load_assets() -> Assets:
    """Read and pack everything."""
    sources = {path.name: path.read_bytes() for path in sorted(PAGE.iterdir()) if path.suffix in TYPES}
    digest = hashlib.sha256(b"".join(sources.values())).hexdigest()[:12]
    return Assets(
        digest,
        {name: Asset(body, gzip.compress(body, 6), TYPES[Path(name).suffix]) for name, body in sources.items()},
    )
