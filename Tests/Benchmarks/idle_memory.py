#!/usr/bin/env python3
"""Prints the resident memory of an idle agent and of the runner that it started.

    idle_memory.py PATH_OF_LAMELLA

Starts a broker and an agent on free loopback ports, waits until the agent says that it is ready, lets
it settle, and reads /proc. Exits with 1 if the agent holds more than 20 MB.
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

AGENT_BYTES_MAX = 20_000_000
READY_TIMEOUT_S = 30
SETTLE_S = 5

CONFIGURATION = """\
cluster = "bench"
node = "bench"
state_dir = "{folder}/state"
[broker]
port = {port}
[transport]
host = "127.0.0.1"
[front_door]
host = "127.0.0.1"
port = 0
[[device]]
id = "cpu"
flops = 1e9
memory_bandwidth_bytes_per_s = 1e9
memory_bytes = 1_000_000_000
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def resident_bytes(pid, kind="VmRSS"):
    """Of a process: all (VmRSS), or what is in no file and the kernel cannot drop (RssAnon)."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) * 1024
    raise SystemExit(f"process {pid} is gone")


def megabytes(pid):
    return (f"{resident_bytes(pid) / 1e6:.1f} MB, of it {resident_bytes(pid, 'RssAnon') / 1e6:.1f} MB its own, "
            "the rest program files")


def descendants(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            children = (task / "children").read_text().split()
        except FileNotFoundError:
            continue  # a thread that ended meanwhile
        for child in children:
            found += [int(child), *descendants(int(child))]
    return found


def wait_until_ready(notifications, agent):
    notifications.settimeout(1)
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        if agent.poll() is not None:
            raise SystemExit(f"the agent ended with status {agent.returncode} before it was ready")
        try:
            if b"READY=1" in notifications.recv(4096):
                return
        except TimeoutError:
            pass
    raise SystemExit(f"the agent was not ready after {READY_TIMEOUT_S} s")


def measure(lamella, folder):
    port = free_port()
    (folder / "state").mkdir()
    (folder / "agent.toml").write_text(CONFIGURATION.format(folder=folder, port=port))
    (folder / "broker.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    broker_path = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    log = (folder / "log").open("wb")
    notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notifications.bind(str(folder / "notify"))
    broker = subprocess.Popen([broker_path, "-c", folder / "broker.conf"], stdout=log, stderr=log)
    agent = subprocess.Popen(
        [lamella, "agent", "--config", folder / "agent.toml"], stdout=log, stderr=log,
        env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")})
    try:
        wait_until_ready(notifications, agent)
        time.sleep(SETTLE_S)
        agent_bytes = resident_bytes(agent.pid)
        print(f"agent, idle, resident: {megabytes(agent.pid)} (limit {AGENT_BYTES_MAX / 1e6:.0f} MB)")
        for child in descendants(agent.pid):
            name = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")[1].decode()
            print(f"{name}, idle, resident: {megabytes(child)}")
        return agent_bytes
    finally:
        for process in (agent, broker):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    with tempfile.TemporaryDirectory() as folder:
        agent_bytes = measure(os.path.abspath(sys.argv[1]), pathlib.Path(folder))
    sys.exit(1 if agent_bytes > AGENT_BYTES_MAX else 0)


if __name__ == "__main__":
    main()
