"""A signal goes only to our own Kafka, and a directory has one owner."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ammeter.broker import BrokerError
from ammeter.broker.process import BrokerProcess, Hold, command_line, is_ours, last_line, stop_orphan


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process of somebody else."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


def test_a_foreign_process_with_our_old_pid_is_left_alone(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    """A pid file whose number now belongs to another program is dropped, and that program lives on."""
    (tmp_path / "kafka.pid").write_text(str(sleeper.pid))

    assert asyncio.run(stop_orphan(tmp_path, tmp_path / "server.properties", 1)) is None

    assert sleeper.poll() is None
    assert not (tmp_path / "kafka.pid").exists()


def test_a_kafka_of_another_directory_is_left_alone(tmp_path: Path) -> None:
    """Ours is who runs Kafka with the properties of this very directory."""
    waits = "import sys; print('up', flush=True); sys.stdin.read()"
    other = [sys.executable, "-c", waits, "kafka.Kafka", "/elsewhere/server.properties"]
    with subprocess.Popen(other, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert not is_ours(process.pid, tmp_path / "server.properties")
        assert is_ours(process.pid, Path("/elsewhere/server.properties"))


def test_an_orphan_is_ended_even_if_it_ignores_sigterm(tmp_path: Path) -> None:
    """SIGKILL follows SIGTERM when the time is over."""
    properties = tmp_path / "server.properties"
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", deaf, "kafka.Kafka", str(properties)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        process.stdout.readline()
    (tmp_path / "kafka.pid").write_text(str(process.pid))

    assert asyncio.run(stop_orphan(tmp_path, properties, 0.3)) == process.pid

    assert process.wait() == -signal.SIGKILL


def test_a_stop_says_how_it_ended(tmp_path: Path) -> None:
    """A process that dies unasked tells its code and last words; one that is stopped says that it was asked."""
    talks = "import sys; print('line one'); print('the reason'); print('\\tat a.b.C'); sys.exit(3)"
    died = asyncio.run(BrokerProcess([sys.executable, "-c", talks], tmp_path).wait())
    stopped = asyncio.run(BrokerProcess([sys.executable, "-c", "import time; time.sleep(600)"], tmp_path).stop(10))

    assert (died.code, died.asked, died.last_line) == (3, False, "the reason")
    assert (stopped.code, stopped.asked) == (-signal.SIGTERM, True)
    assert not (tmp_path / "kafka.pid").exists()
    assert last_line(tmp_path / "kafka.log.1") == "the reason"


def test_a_directory_has_one_owner(tmp_path: Path) -> None:
    """The second owner is refused until the first lets go."""
    first = Hold(tmp_path / "kafka.lock")
    with pytest.raises(BrokerError, match="stop that one, or use another --data"):
        Hold(tmp_path / "kafka.lock")
    first.release()

    Hold(tmp_path / "kafka.lock").release()


def test_no_process_has_no_command_line() -> None:
    """A pid that is gone is nobody's."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    assert command_line(gone.pid) in ([], [""])
