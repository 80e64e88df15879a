"""Only the published jars are run."""

import asyncio
import hashlib
import sys
from pathlib import Path

import pytest

from ammeter.broker import BrokerError, JarsUnavailable, jars


def _folder(where: Path, **contents: bytes) -> dict[str, str]:
    where.mkdir()
    for name, content in contents.items():
        (where / f"{name}.jar").write_bytes(content)
    return {f"{name}.jar": hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def test_the_list_names_each_jar_once() -> None:
    """The committed list holds 46 jars, each with a SHA-256, among them the server of the version we name."""
    published = jars.published()

    assert len(published) == 46
    assert all(len(bytes.fromhex(digest)) == 32 for digest in published.values())
    assert f"kafka-server-{jars.VERSION}.jar" in published


def test_whole_jars_are_given_in_the_order_of_the_list(tmp_path: Path) -> None:
    """The class path names each listed jar, and no other file of the folder."""
    wanted = _folder(tmp_path / "jars", b=b"second", a=b"first")
    (tmp_path / "jars" / "stray.jar").write_bytes(b"not ours")

    found = jars.verified(tmp_path / "jars", wanted)

    assert [path.name for path in found.paths] == ["b.jar", "a.jar"]
    assert "stray" not in found.class_path


@pytest.mark.parametrize("spoil", ["one byte", "missing"])
def test_a_spoilt_jar_is_refused(tmp_path: Path, spoil: str) -> None:
    """A jar with other bytes, or none, is named, and so is what to do."""
    wanted = _folder(tmp_path / "jars", good=b"good", bad=b"bad")
    if spoil == "missing":
        (tmp_path / "jars" / "bad.jar").unlink()
    else:
        (tmp_path / "jars" / "bad.jar").write_bytes(b"Bad")

    with pytest.raises(BrokerError, match=r"bad\.jar is missing or not the file .*: remove the folder"):
        jars.verified(tmp_path / "jars", wanted)


def test_a_cache_with_a_spoilt_jar_is_refused_at_start(tmp_path: Path, cache: Path) -> None:
    """The check is made before every start, on the jars of the cache too."""
    whole = {path.name: path for path in jars.directory(cache).iterdir()}
    jars.adopt(whole, jars.directory(tmp_path))
    asyncio.run(jars.ensure(tmp_path, pytest.fail))
    with (jars.directory(tmp_path) / "kafka-clients-4.3.1.jar").open("r+b") as file:
        file.write(b"PK\0\0")

    with pytest.raises(BrokerError, match=r"kafka-clients-4\.3\.1\.jar"):
        asyncio.run(jars.ensure(tmp_path, pytest.fail))


def test_a_folder_that_lacks_a_jar_is_not_taken(tmp_path: Path) -> None:
    """What is not whole never reaches the place that later starts trust."""
    with pytest.raises(BrokerError, match="fetch the jars again"):
        jars.adopt({}, jars.directory(tmp_path))

    assert not jars.directory(tmp_path).exists()
    assert not list(jars.directory(tmp_path).parent.iterdir())


def test_without_network_the_ways_out_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When jgo cannot resolve, the error names the command, the folder to copy and the setting for another broker."""
    failing = tmp_path / "python"
    failing.write_text("#!/bin/sh\necho 'no route to host'\nexit 1\n")
    failing.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(failing))

    with pytest.raises(JarsUnavailable) as caught:
        asyncio.run(jars.ensure(tmp_path / "cache", lambda _: None))

    message = str(caught.value)
    assert "no route to host" in message
    assert "make jars" in message
    assert str(jars.directory(tmp_path / "cache")) in message
    assert "AMMETER_KAFKA=host:port" in message
