#!/usr/bin/env python3
"""Prints what eight idle boards cost, in CPU time of their agents and in messages, and how soon plans follow a change.

    idle_cluster.py PATH_OF_LAMELLA MODEL.onnx

Starts a broker and eight agents on free loopback ports, adds a model and waits for its plan. Once links are known it
counts every message that the broker forwards for half a minute, and the CPU time of each agent meanwhile. Then two
grid zones change places ten times, and it takes the time from the message until another plan is in force. Exits with 1
if an agent takes more than 2 % of a core.
"""

import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from idle_memory import free_port

BOARDS = 8
CPU_SHARE_MAX = 0.02
# Boards learn their links by a probe every quarter of a minute; the first few are news.
SETTLE_S = 60
WATCHED_S = 30
PATIENCE_S = 60
CHANGES = 10

CONFIGURATION = """\
cluster = "bench"
node = "{node}"
state_dir = "{folder}/state"
[broker]
port = {port}
[transport]
host = "127.0.0.1"
[front_door]
host = "127.0.0.1"
port = {front_door}
[planner]
objective = "carbon"
dwell_s = 0
switches_per_window = 1000
[[device]]
id = "{node}"
zone = "{zone}"
intensity_g_per_kwh = 100
flops = 1e9
memory_bandwidth_bytes_per_s = 1e9
memory_bytes = 1_000_000_000
runtime_bytes = 50_000_000
compute_power_w = 5
transfer_power = {{ upload_w_per_mbit_per_s = 0.2, download_w_per_mbit_per_s = 0.1, base_w = 0.1 }}
idle_power_w = 0
"""


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(what, is_true, patience_s=PATIENCE_S):
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        value = is_true()
        if value:
            return value
        time.sleep(0.2)
    raise SystemExit(f"waited {patience_s} s in vain for {what}")


def lines(command):
    """Lines that a program prints, as they come."""
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def carbon(port, zone, grams):
    now = time.time()
    stamp = lambda at: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    payload = {
        "schema": "lamella/zone-carbon/1", "zone": zone, "intensity_g_per_kwh": grams, "at": stamp(now),
        "valid_until": stamp(now + 3600), "source": "bench", "emission_factor_type": "lifecycle",
        "kind": "average"}
    subprocess.run(
        ["mosquitto_pub", "-p", str(port), "-q", "1", "-r", "-t", f"lamella/v1/bench/zone/{zone}/carbon", "-m",
         json.dumps(payload)], check=True)


def measure(lamella, model, folder):
    port = free_port()
    (folder / "broker.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    log = (folder / "log").open("wb")
    broker_path = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    processes = [subprocess.Popen([broker_path, "-c", folder / "broker.conf"], stdout=log, stderr=log)]
    agents = []
    try:
        doors = [free_port() for _ in range(BOARDS)]
        for index, door in enumerate(doors):
            home = folder / f"b{index}"
            (home / "state").mkdir(parents=True)
            (home / "agent.toml").write_text(CONFIGURATION.format(
                node=f"b{index}", folder=home, port=port, front_door=door, zone="EVEN" if index % 2 == 0 else "ODD"))
            agents.append(subprocess.Popen(
                [lamella, "agent", "--config", home / "agent.toml"], stdout=log, stderr=log))
        processes += agents
        broker = f"127.0.0.1:{port}"
        status = lambda: subprocess.run(
            [lamella, "status", "--broker", broker, "--cluster", "bench", "--json"], capture_output=True, text=True)
        wait_for("eight boards", lambda: status().stdout.count('"state" : "online"') >= BOARDS
                 or status().stdout.count('"online"') >= BOARDS)
        subprocess.run(
            [lamella, "model", "add", model, "--name", "bench", "--board", "b0", "--broker", broker, "--cluster",
             "bench"],
            check=True, stdout=log)
        retained = lambda: subprocess.run(
            ["mosquitto_sub", "-p", str(port), "-C", "1", "-W", "2", "-t", "lamella/v1/bench/plan/bench"],
            capture_output=True, text=True).stdout
        wait_for("a plan", retained)
        time.sleep(SETTLE_S)

        before = [cpu_s(agent.pid) for agent in agents]
        counted = subprocess.run(
            ["mosquitto_sub", "-p", str(port), "-R", "-W", str(WATCHED_S), "-t", "#", "-F", "%t"],
            capture_output=True, text=True).stdout.splitlines()
        shares = [(cpu_s(agent.pid) - start) / WATCHED_S for agent, start in zip(agents, before)]
        print(f"{BOARDS} idle boards: an agent takes {statistics.median(shares) * 100:.2f} % of a core in the median, "
              f"{max(shares) * 100:.2f} % at most (limit {CPU_SHARE_MAX * 100:.0f} %); "
              f"{len(counted) / WATCHED_S:.1f} messages/s in all")

        events = lines(["mosquitto_sub", "-p", str(port), "-R", "-t", "lamella/v1/bench/plan/bench/event"])
        processes.append(events)
        time.sleep(1)
        took = []
        for change in range(CHANGES):
            clean, dirty = ("EVEN", "ODD") if change % 2 else ("ODD", "EVEN")
            carbon(port, clean, 10 + change)
            start = time.monotonic()
            carbon(port, dirty, 900 + change)
            for line in events.stdout:
                if json.loads(line)["event"] == "committed":
                    took.append(time.monotonic() - start)
                    break
                if time.monotonic() - start > PATIENCE_S:
                    raise SystemExit("no plan followed a change of carbon")
            time.sleep(2)
        print(f"from a change of a zone's carbon to the plan in force: {statistics.median(took) * 1000:.0f} ms in "
              f"the median of {CHANGES}, {max(took) * 1000:.0f} ms at most")
        return max(shares)
    finally:
        for process in reversed(processes):
            process.send_signal(signal.SIGTERM)
        for process in processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    with tempfile.TemporaryDirectory() as folder:
        share = measure(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), pathlib.Path(folder))
    sys.exit(1 if share > CPU_SHARE_MAX else 0)


if __name__ == "__main__":
    main()
