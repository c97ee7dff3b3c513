"""Nothing leaves: in a network namespace whose only way out is a dummy interface, the product sends not one packet."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.commands.demonstration import MARK
from tests import light

pytestmark = [
    pytest.mark.netns,
    pytest.mark.skipif(
        not sys.platform.startswith("linux") or not shutil.which("ip") or os.geteuid() != 0,
        reason="network namespaces need Linux, iproute2 and root",
    ),
]

TEXT = "# Allowances\n\nThe zeppelin allowance is 4711 pelicans a month.\n"
QUESTION = "What is the zeppelin allowance?"
ASK_OVER_HTTP = """
import json, sys, urllib.request
address, token = sys.argv[1:]
body = json.dumps({"messages": [{"role": "user", "content": "What is the zeppelin allowance?"}]}).encode()
headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
asked = urllib.request.Request(address + "/v1/chat/completions", body, headers)
print(urllib.request.urlopen(asked, timeout=120).read().decode())
"""
PRODUCT = (sys.executable, "-m", "app")
PACKET = "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('203.0.113.7', 9))"
LOOK_UP = "import socket; socket.getaddrinfo('example.org', 443)"


class Namespace:
    """A network namespace with a loopback and a dummy interface as its default route; name look-ups go there too."""

    def __init__(self) -> None:
        self.name = f"inhouse-{secrets.token_hex(4)}"
        self.settings = Path("/etc/netns") / self.name
        self.settings.mkdir(parents=True)
        (self.settings / "resolv.conf").write_text("nameserver 198.51.100.53\noptions timeout:1 attempts:1\n")
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        self.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6")  # or the kernel announces itself
        if self.ip("link add out type dummy"):  # a kernel without: a cable whose other end nobody holds does as well
            assert self.ip("link add out type veth peer name nowhere") == 0
            assert self.ip("link set nowhere up") == 0
        for command in (
            "link set lo up",
            "addr add 198.51.100.1/24 dev out",
            "link set out up",
            "route add default via 198.51.100.254 dev out",
            # nobody answers there: with known neighbours packets leave at once and are counted
            "neigh add 198.51.100.254 lladdr 02:00:00:00:00:01 dev out",
            "neigh add 198.51.100.53 lladdr 02:00:00:00:00:02 dev out",
        ):
            assert self.ip(command) == 0

    def ip(self, command: str) -> int:
        return subprocess.run(["ip", "-n", self.name, *command.split()], check=False).returncode

    def inside(self, *command: str) -> list[str]:
        """Return the command line that runs a command in here."""
        return ["ip", "netns", "exec", self.name, *command]

    def run(self, *command: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.inside(*command), capture_output=True, text=True, check=False, **options)

    def packets(self) -> int:
        """Return how many packets were sent to the way out."""
        shown = subprocess.run(
            ["ip", "-n", self.name, "-s", "-j", "link", "show", "out"], capture_output=True, text=True, check=True
        )
        sent: int = json.loads(shown.stdout)[0]["stats64"]["tx"]["packets"]
        return sent

    def remove(self) -> None:
        subprocess.run(["ip", "netns", "del", self.name], check=True)
        shutil.rmtree(self.settings)


@pytest.fixture(name="namespace")
def _namespace() -> Iterator[Namespace]:
    namespace = Namespace()
    yield namespace
    namespace.remove()


@pytest.mark.parametrize("noise", [PACKET, LOOK_UP])
def test_a_packet_and_a_look_up_would_be_noticed(namespace: Namespace, noise: str) -> None:
    assert namespace.packets() == 0
    namespace.run(sys.executable, "-c", noise)
    assert namespace.packets() > 0


@pytest.mark.weights
def test_nothing_leaves_while_documents_are_learned_and_questions_answered(
    namespace: Namespace, tmp_path: Path
) -> None:
    """Serve with real models, load a document, ask at both doors; the demonstration would take half a minute more."""
    home = tmp_path / "home"
    home.mkdir()
    (home / MARK).touch()
    (home / "inhouse.toml").write_text("answer_tokens = 16\n")
    environment = light.environment(home) | {"INHOUSE_MODEL": "tiny"}
    del environment["INHOUSE_OFFLINE"]  # nothing may be sent in the ordinary way of running either
    (tmp_path / "pay.md").write_text(TEXT)
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            namespace.inside(*PRODUCT, "serve", "--port", "0", "--json"),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert server.stdout is not None
    with server.stdout as out:
        address = json.loads(out.readline())["address"]
    ingest = namespace.run(*PRODUCT, "ingest", str(tmp_path / "pay.md"), "--collection", "Pay", env=environment)
    assert ingest.returncode == 0, ingest.stderr
    ask = namespace.run(*PRODUCT, "ask", QUESTION, "--collection", "Pay", "--json", env=environment)
    assert ask.returncode == 0, ask.stderr
    token = (home / "run" / "token").read_text().strip()
    over_http = namespace.run(sys.executable, "-c", ASK_OVER_HTTP, address, token)
    assert over_http.returncode == 0, over_http.stderr
    server.terminate()
    assert server.wait(timeout=60) == 0
    assert namespace.packets() == 0
