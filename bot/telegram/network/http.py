"""HTTP to the Bot API: one aiohttp session a route, which failures mean that a request never left, and what is an
answer of a Bot API server, told from what others say in its place: a proxy, a gateway, a hotel's login page.

aiohttp and not httpx, which python-telegram-bot brings: a send costs a fifth of the processor time (decision 9).
"""

import ssl
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import certifi
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError

from bot.telegram.arriving import read_json, tame

CONNECT_SECONDS = 5.0
POOL_SECONDS = 10.0  # for a free connection
ROUTE_SECONDS = 3.0  # one of several ways that says nothing for so long is doubted (TELEGRAM_ROUTE_SECONDS)
CONNECTIONS = 16
# An idle connection is given up before any server does so: a request that meets the end of its connection is lost, and
# nobody can say whether it arrived.
IDLE_SECONDS = 3.0

_NO_CONNECTION = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
    ProxyError,
    ProxyConnectionError,
    ProxyTimeoutError,
)
NO_ANSWER = (*_NO_CONNECTION, aiohttp.ClientError, OSError)  # every way in which a request can fail without one


class UnusableProxyError(ConnectionError):
    """The environment names a proxy that can't be used: HTTPS_PROXY and its like."""


def never_left(error: BaseException) -> bool:
    """Whether a failed request surely did not leave: no connection, name, proxy or valid certificate."""
    # Behind a proxy a bad certificate comes as a plain failure of the connection, with its reason as the cause.
    return isinstance(error, _NO_CONNECTION) or isinstance(error.__cause__, ssl.SSLCertVerificationError)


def open_session(api_url: str, proxy: str | None = None) -> aiohttp.ClientSession:
    """A session for one route, in the running event loop; `proxy` as `socks5://…`, `socks4://…` or `http://…`.

    Without one the environment's proxies hold (HTTPS_PROXY, NO_PROXY): asked once, aiohttp would at every request.
    Raises UnusableProxyError for an address that is no proxy.
    """
    chosen = proxy or _environment_proxy(api_url)
    ways: dict[str, Any] = {"limit": CONNECTIONS, "keepalive_timeout": IDLE_SECONDS}
    if api_url.startswith("https:"):
        ways["ssl"] = _trusted()
    try:
        connector = ProxyConnector.from_url(chosen, **ways) if chosen else aiohttp.TCPConnector(**ways)
    except ValueError:
        raise UnusableProxyError("the environment names a proxy that can't be used") from None
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


def patience(read: float, upload: float = 0.0, connect: float = POOL_SECONDS) -> aiohttp.ClientTimeout:
    """Seconds for each part of a request; the whole is bound too, since writing has no limit of its own."""
    whole = connect + upload + read
    alone = min(connect, CONNECT_SECONDS)
    return aiohttp.ClientTimeout(total=whole, connect=connect, sock_connect=alone, sock_read=read)


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """Whose certificates are believed: the machine's, and those that certifi brings for a machine with none."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _environment_proxy(api_url: str) -> str | None:
    parts = urlsplit(api_url)
    if proxy_bypass(parts.hostname or ""):
        return None
    known = getproxies()
    return known.get(parts.scheme) or known.get("all")


LONGEST_WAIT = 86_400  # seconds; a longer `retry_after` is asked about again after a day


def read_answer(body: bytes) -> dict[str, Any] | None:
    """`ok` with `result`, or with `description`, `error_code` and `parameters`, each of its own type where it is there.

    None for whatever no Bot API server says.
    """
    try:
        said = tame(read_json(body))
    except ValueError:
        return None
    if not isinstance(said, dict) or not isinstance(said.get("ok"), bool):
        return None
    if said["ok"]:
        return said if "result" in said else None
    answer: dict[str, Any] = {
        "ok": False,
        "description": str(said.get("description") or ""),
        "parameters": _parameters(said.get("parameters")),
    }
    if type(said.get("error_code")) is int:
        answer["error_code"] = said["error_code"]
    return answer


def _parameters(said: Any) -> dict[str, int]:
    numbers = said if isinstance(said, dict) else {}
    wait, moved = numbers.get("retry_after"), numbers.get("migrate_to_chat_id")
    found: dict[str, int] = {}
    if type(wait) is int and wait > 0:
        found["retry_after"] = min(wait, LONGEST_WAIT)
    if type(moved) is int:
        found["migrate_to_chat_id"] = moved
    return found
