"""Who may look at the boards, and as whom."""

import pytest

from ammeter.boards.access import Refused, networks, same_origin, viewer

HERE = {"Host": "127.0.0.1:3000"}
PROXY = networks(("10.0.0.7", "192.168.0.0/24"))


def test_this_machine_may_look() -> None:
    """A browser on this machine needs no login."""
    assert viewer("127.0.0.1", HERE, ()) == "local"


def test_a_user_named_by_the_proxy_is_believed() -> None:
    """The configured proxy names who looks, whatever the host's name is."""
    assert viewer("10.0.0.7", {"Host": "boards.example", "X-Forwarded-User": "ada"}, PROXY) == "ada"


def test_a_user_named_by_anybody_else_is_not_believed() -> None:
    """The header means nothing from another address, not even from this machine."""
    assert viewer("127.0.0.1", {**HERE, "X-Forwarded-User": "root"}, PROXY) == "local"
    with pytest.raises(Refused, match="configured proxy only"):
        viewer("10.0.0.8", {**HERE, "X-Forwarded-User": "root"}, PROXY)


def test_a_proxy_that_names_nobody_is_refused() -> None:
    """A proxy without a login in front of it opens nothing."""
    with pytest.raises(Refused, match="X-Forwarded-User"):
        viewer("10.0.0.7", HERE, PROXY)


def test_a_foreign_name_for_this_machine_is_refused() -> None:
    """A web page whose own name points to this machine cannot read the boards through it."""
    with pytest.raises(Refused, match="no name"):
        viewer("127.0.0.1", {"Host": "evil.example:3000"}, ())


@pytest.mark.parametrize(
    ("origin", "ours"),
    [(None, True), ("http://127.0.0.1:3000", True), ("http://127.0.0.1:4000", False), ("null", False)],
)
def test_only_our_own_page_opens_a_socket(origin: str | None, ours: bool) -> None:
    """A socket from another page is no socket of ours."""
    assert same_origin(HERE if origin is None else {**HERE, "Origin": origin}) is ours


def test_a_wrong_proxy_address_is_named() -> None:
    """A setting that is no address says which one."""
    with pytest.raises(ValueError, match=r"proxy\.example"):
        networks(("proxy.example",))
