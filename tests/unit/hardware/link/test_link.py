from __future__ import annotations

import os
import pty
import socket
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.errors import LinkLostError
from hardware.link import LineSettings, Link


class Pair:
    """Both ends of a pty, held open."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        tty.setraw(self.master)
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)

    def unplug(self) -> None:
        if self.master >= 0:
            os.close(self.master)
            os.close(self.slave)
            self.master = -1


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.unplug()


@pytest.fixture
def link(pair: Pair) -> Iterator[Link]:
    link = Link(pair.path)
    yield link
    link.close()


def test_bytes_go_both_ways(pair: Pair, link: Link) -> None:
    every_byte = bytes(range(256))
    link.write(every_byte)
    assert os.read(pair.master, 512) == every_byte
    os.write(pair.master, every_byte)
    assert link.read(1.0) == every_byte


def test_silence_reads_as_nothing(link: Link) -> None:
    assert link.read(0.0) == b""
    assert link.read(0.01) == b""


def test_reading_takes_no_more_than_the_limit(pair: Pair, link: Link) -> None:
    os.write(pair.master, b"abcdef")
    assert link.read(1.0, limit=4) == b"abcd"
    assert link.read(1.0, limit=4) == b"ef"


def test_reading_exactly_waits_for_all_of_it(pair: Pair, link: Link) -> None:
    os.write(pair.master, b"abc")
    late = threading.Timer(0.05, os.write, (pair.master, b"def"))
    late.start()
    assert link.read_exactly(6, 2.0) == b"abcdef"
    late.join()
    os.write(pair.master, b"abc")
    assert link.read_exactly(6, 0.02) == b"abc"
    os.write(pair.master, b"here")
    assert link.read_exactly(4, 0.0) == b"here"


def test_discarding_counts_and_waits_for_quiet(pair: Pair, link: Link) -> None:
    os.write(pair.master, b"abc")
    late = threading.Timer(0.05, os.write, (pair.master, b"late"))
    late.start()
    assert link.discard_input(quiet_s=0.3) == 7
    late.join()
    assert link.discard_input() == 0


def test_a_seven_bit_line_opens_on_a_pty(pair: Pair) -> None:
    link = Link(pair.path, LineSettings(baud=19200, data_bits=7, parity="E", stop_bits=2))
    os.write(pair.master, b"ok")
    assert link.read(1.0) == b"ok"
    link.close()
    again = Link(pair.path, LineSettings(data_bits=7, parity="E"))  # the pty has forgotten nothing, and refuses
    os.write(pair.master, b"ok")
    assert again.read(1.0) == b"ok"
    again.close()


def test_a_second_owner_is_refused(pair: Pair, link: Link) -> None:
    with pytest.raises(LinkLostError, match="another program has it open"):
        Link(pair.path)
    link.close()
    Link(pair.path).close()


def test_reading_from_an_unplugged_port(pair: Pair, link: Link) -> None:
    pair.unplug()
    with pytest.raises(LinkLostError, match="is gone"):
        link.read(1.0)


def test_writing_to_an_unplugged_port(pair: Pair, link: Link) -> None:
    pair.unplug()
    with pytest.raises(LinkLostError, match="is gone"):
        link.write(b"SI\r\n")


def test_discarding_from_an_unplugged_port(pair: Pair, link: Link) -> None:
    pair.unplug()
    with pytest.raises(LinkLostError, match="is gone"):
        link.discard_input(0.1)


def test_unplugging_wakes_a_reader(pair: Pair, link: Link) -> None:
    puller = threading.Timer(0.05, pair.unplug)
    puller.start()
    with pytest.raises(LinkLostError):
        link.read(5.0)
    puller.join()


def test_closing_never_fails(pair: Pair, link: Link) -> None:
    pair.unplug()
    link.close()
    link.close()
    with pytest.raises(LinkLostError):
        link.read(0.0)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("/dev/no-such-port", "there is no such port; is the device plugged in and its URL right"),
        ("", "there is no such port"),
        ("bogus://x", "cannot open bogus://x: invalid URL"),
        ("socket://127.0.0.1", "cannot open socket://127.0.0.1"),
        ("socket://127.0.0.1:99999", "cannot open socket://127.0.0.1:99999"),
        ("/dev/null", "cannot open /dev/null"),
    ],
)
def test_a_port_that_cannot_be_opened_gives_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(LinkLostError, match=sentence):
        Link(url)


def test_a_folder_is_no_port(tmp_path: Path) -> None:
    with pytest.raises(LinkLostError, match="Is a directory"):
        Link(str(tmp_path))


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        yield server


def url_of(listener: socket.socket) -> str:
    return f"socket://127.0.0.1:{listener.getsockname()[1]}"


def test_a_tcp_socket_is_a_line_too(listener: socket.socket) -> None:
    link = Link(url_of(listener))
    peer, _ = listener.accept()
    with peer:
        peer.sendall(b"S S     100.00 g\r\n")
        assert link.read_exactly(18, 1.0) == b"S S     100.00 g\r\n"
        link.write(b"SI\r\n")
        assert peer.recv(100) == b"SI\r\n"
        link.close()
        assert peer.recv(100) == b""


def test_a_peer_that_hangs_up_is_a_lost_link_and_leaves_no_open_socket(listener: socket.socket) -> None:
    link = Link(url_of(listener))
    peer, _ = listener.accept()
    peer.close()
    with pytest.raises(LinkLostError, match="is gone"):
        link.read(1.0)
    link.close()  # an unclosed socket would be a warning, and warnings are errors


def test_a_peer_that_resets_leaves_no_open_socket(listener: socket.socket) -> None:
    link = Link(url_of(listener))
    peer, _ = listener.accept()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    peer.close()
    with pytest.raises(LinkLostError):
        link.read(1.0)
    link.close()
    del link


def test_nobody_listening_gives_a_sentence(listener: socket.socket) -> None:
    url = url_of(listener)
    listener.close()
    with pytest.raises(LinkLostError, match="refused"):
        Link(url)
