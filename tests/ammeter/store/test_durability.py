"""What the store has acknowledged is there after a kill; who is in the way is named."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ammeter.store.client import Client

pytestmark = pytest.mark.slow

PROGRAM = """
import asyncio, sys
from pathlib import Path
from ammeter.store import StoreConfig, StoreError, StoreServer

async def main():
    server = StoreServer(StoreConfig(path=Path(sys.argv[1]), port=0, scratch=Path(sys.argv[2])))
    try:
        await server.start()
    except StoreError as error:
        sys.exit(str(error))
    print(server.port, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@contextmanager
def running(data: Path, scratch: Path) -> Iterator[tuple[Client, subprocess.Popen[str]]]:
    """A store in a process of its own, killed at the end."""
    command = [sys.executable, "-c", PROGRAM, str(data), str(scratch)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path.cwd())
    assert process.stdout is not None
    try:
        port = next((line for line in process.stdout if line.strip().isdigit()), "")
        assert port, process.communicate()[1]
        yield Client(int(port)), process
    finally:
        process.kill()
        process.communicate()


def test_a_store_without_a_table_in_default_starts_again(tmp_path: Path) -> None:
    """As often as it is started: its own databases are there, and the files of the machine are not."""
    for start in range(3):
        with running(tmp_path / "data", tmp_path / "scratch") as (client, _):
            client.sql("CREATE DATABASE IF NOT EXISTS own ENGINE = Atomic")
            client.sql("CREATE TABLE IF NOT EXISTS own.kept (id UInt64) ENGINE = MergeTree ORDER BY id")
            client.sql(f"INSERT INTO own.kept VALUES ({start})")
            assert client.sql("SELECT count() FROM own.kept") == str(start + 1)
            assert client.send(b"SELECT * FROM `/etc/hostname`").code == 60


def test_acknowledged_inserts_survive_a_kill(tmp_path: Path) -> None:
    """Every insert that was answered with 200 is there after kill -9 and a start, also in the database default."""
    scratch = tmp_path / "scratch"
    with running(tmp_path / "data", scratch) as (client, process):
        client.sql("CREATE TABLE kept (id UInt64) ENGINE = MergeTree ORDER BY id")
        for number in range(30):
            client.sql(f"INSERT INTO kept VALUES ({number})")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    (scratch / "left.body").write_bytes(b"half")
    with running(tmp_path / "data", scratch) as (client, _):
        assert client.sql("SELECT count(), sum(id) FROM kept") == "30\t435"
        assert client.send(b"SELECT * FROM `/etc/hostname`").code == 60
        assert list(scratch.iterdir()) == []


def test_a_second_process_is_told_who_is_in_the_way(tmp_path: Path) -> None:
    """The same data cannot be opened twice, and the message says what to do."""
    with running(tmp_path / "data", tmp_path / "a"):
        second = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(tmp_path / "data"), str(tmp_path / "b")],
            capture_output=True,
            text=True,
            cwd=Path.cwd(),
            timeout=60,
        )
    assert second.returncode == 1
    assert "another process has it open" in second.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small tmpfs")
def test_a_full_disk_is_an_error_and_no_end(tmp_path: Path) -> None:
    """Rows that find no place are refused with an error; the store lives, and takes rows that do."""
    data = tmp_path / "data"
    data.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(data)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("a tmpfs cannot be mounted here")
    try:
        with running(data, tmp_path / "scratch") as (client, _):
            client.sql("CREATE TABLE t (x String) ENGINE = MergeTree ORDER BY tuple()")
            big = b"INSERT INTO t SELECT randomString(1000) FROM numbers(60000)"
            assert client.send(big).code == 243
            client.sql("INSERT INTO t VALUES ('small')")
            assert client.sql("SELECT count() FROM t") == "1"
    finally:
        subprocess.run(["umount", str(data)], check=True)
