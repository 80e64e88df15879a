"""Who may look at the boards, and as whom."""

import pytest

from ammeter.boards.access import Login, Refused, networks, same_origin, viewer

HERE = "127.0.0.1:3000"
PROXY = networks(("10.0.0.7", "192.168.0.0/24"))


def test_this_machine_may_look() -> None:
    """A browser on this machine needs no login; who its one user is, a setting says."""
    assert viewer("127.0.0.1", HERE, [], ()) == Login("local", "")
    assert viewer("::ffff:127.0.0.1", HERE, [], (), "ada@example.com") == Login("ada@example.com", "ada@example.com")


def test_a_user_named_by_the_proxy_is_believed() -> None:
    """The configured proxy names who looks, whatever the host's name is, and never the local user."""
    assert viewer("10.0.0.7", "boards.example", ["ada"], PROXY, "root") == Login("ada", "ada")


def test_a_user_named_by_anybody_else_is_not_believed() -> None:
    """The header means nothing from another address, not even from this machine."""
    assert viewer("127.0.0.1", HERE, ["root"], PROXY) == Login("local", "")
    with pytest.raises(Refused, match="configured proxy only"):
        viewer("10.0.0.8", HERE, ["root"], PROXY)


def test_a_proxy_that_names_nobody_is_refused() -> None:
    """A proxy without a login in front of it opens nothing."""
    for named in ([], [""], ["  "]):
        with pytest.raises(Refused, match="X-Forwarded-User"):
            viewer("10.0.0.7", HERE, named, PROXY)


def test_a_proxy_that_adds_its_header_is_refused() -> None:
    """Of two names one came from the browser: neither is believed."""
    with pytest.raises(Refused, match="2 users"):
        viewer("10.0.0.7", HERE, ["boss", "ada"], PROXY)


def test_a_foreign_name_for_this_machine_is_refused() -> None:
    """A web page whose own name points to this machine cannot read the boards through it."""
    with pytest.raises(Refused, match="no name"):
        viewer("127.0.0.1", "evil.example:3000", [], ())


@pytest.mark.parametrize(
    ("origin", "ours"),
    [(None, True), ("http://127.0.0.1:3000", True), ("http://127.0.0.1:4000", False), ("null", False)],
)
def test_only_our_own_page_opens_a_socket(origin: str | None, ours: bool) -> None:
    """A socket from another page is no socket of ours."""
    assert same_origin(origin, HERE) is ours


def test_a_wrong_proxy_address_is_named() -> None:
    """A setting that is no address says which one."""
    with pytest.raises(ValueError, match=r"proxy\.example"):
        networks(("proxy.example",))
