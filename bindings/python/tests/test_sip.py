"""The guide's real call: a caller made of sockets (RFC 3261, 3264) is answered over SIP by the example, and hears it as RTP."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parents[3]
EXAMPLE = TOP / "bindings" / "python" / "examples" / "answer.py"
PATIENCE = 20.0
#: An RTP header and 20 ms of A-law.
PACKET = 12 + 160


def loopback() -> socket.socket:
    """A socket with a port of its own."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    made.settimeout(PATIENCE)
    return made


def port_of(bound: socket.socket) -> int:
    """Its port."""
    return int(bound.getsockname()[1])


class Caller:
    """Somebody who calls 8000."""

    def __init__(self, server: int) -> None:
        self.signalling = loopback()
        self.sound = loopback()
        self.server = server

    def close(self) -> None:
        self.signalling.close()
        self.sound.close()

    def request(self, method: str, to: str, body: str = "") -> None:
        here = f"127.0.0.1:{port_of(self.signalling)}"
        lines = [
            f"{method} sip:8000@127.0.0.1:{self.server} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};branch=z9hG4bK1{method}",
            "Max-Forwards: 70",
            "From: <sip:13800000000@127.0.0.1>;tag=here",
            f"To: {to}",
            "Call-ID: answered@127.0.0.1",
            f"CSeq: 1 {method}",
            f"Contact: <sip:13800000000@{here}>",
            "Content-Type: application/sdp",
            f"Content-Length: {len(body)}",
            "",
            body,
        ]
        self.send("\r\n".join(lines))

    def send(self, message: str) -> None:
        self.signalling.sendto(message.encode(), ("127.0.0.1", self.server))

    def wait_for(self, beginning: str) -> str:
        """The next message that begins so."""
        while True:
            message = self.signalling.recv(4096).decode()
            if message.startswith(beginning):
                return message

    def call(self) -> None:
        offer = [
            "v=0",
            "o=- 1 1 IN IP4 127.0.0.1",
            "s=-",
            "c=IN IP4 127.0.0.1",
            "t=0 0",
            f"m=audio {port_of(self.sound)} RTP/AVP 8",
            "a=rtpmap:8 PCMA/8000",
            "",
        ]
        self.request("INVITE", "<sip:8000@127.0.0.1>", "\r\n".join(offer))
        answer = self.wait_for("SIP/2.0 200")
        found = re.search(r"^To: *(.*?)\r$", answer, re.MULTILINE | re.IGNORECASE)
        assert found is not None
        self.request("ACK", found[1])

    def confirm_bye(self) -> None:
        bye = self.wait_for("BYE ")
        same = re.findall(r"^(?:Via|From|To|Call-ID|CSeq): .*\r\n", bye, re.MULTILINE | re.IGNORECASE)
        self.send("SIP/2.0 200 OK\r\n" + "".join(same) + "Content-Length: 0\r\n\r\n")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The example with the guide's configuration on a port that is free."""
    with loopback() as found:
        port = port_of(found)
    config = (TOP / "examples" / "answer.toml").read_text().replace("127.0.0.1:5060", f"127.0.0.1:{port}")
    (tmp_path / "answer.toml").write_text(config)
    command = [sys.executable, str(EXAMPLE), "answer.toml", "1"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as running:
        yield running, port
        running.kill()


def test_the_answer_of_the_guide_takes_a_real_call(server: tuple[subprocess.Popen[str], int]) -> None:
    running, port = server
    assert running.stdout is not None
    assert running.stdout.readline() == "waiting for calls\n"
    caller = Caller(port)
    caller.call()
    assert [len(caller.sound.recv(1500)) for _ in range(50)] == [PACKET] * 50
    caller.confirm_bye()
    said = running.stdout.read().splitlines()
    caller.close()
    assert said == ["13800000000 calls", "answered", "the welcome is over", "the call has ended with cause 16"]
    assert running.wait(PATIENCE) == 0
