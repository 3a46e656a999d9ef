"""What all measurements share: the configuration and the server's process, SIPp, and what is said of both."""
import os, re, signal, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
SERVER = os.path.join(TARGET, "release", "callcore-server")
PORT, CALLER_PORT, REGISTER_PORT, AGENT_PORT = 15060, 15070, 15071, 15072
TICKS = os.sysconf("SC_CLK_TCK")
AGENTS = 50


def configuration(folder, more="", channels=2000):
    """Writes the configuration of a measurement, `more` at its end; gives its path."""
    lines = [f'[node]\ndata_dir = "{folder}/data"\nlog = "warn"\n']
    lines.append(f'[[device]]\nname = "sip"\ndriver = "sip"\n[device.config]\nlisten = "127.0.0.1:{PORT}"\n'
                 f'rtp_ports = "20000-29998"\nchannels = {channels}\n'
                 f'[[device.config.trunks]]\nname = "load"\naddress = "127.0.0.1:{CALLER_PORT}"\n'
                 f'match = "127.0.0.1:{CALLER_PORT}"\n')
    lines.append('[[route]]\ncalled = "8000"\nto = "flow:main"\n[[route]]\ncalled = "8001"\nto = "queue:load"\n')
    lines.append('[flow.main]\nstart = "play"\n[flow.main.node.play]\ntype = "play_only"\nprompts = ["welcome"]\nnext = "play"\n')
    lines.append('[[queue]]\nname = "load"\nmusic = "hold_music"\nwrap_up_ms = 0\nring_ms = 10000\n')
    for n in range(AGENTS):
        number = 2001 + n
        lines.append(f'[[extension]]\nnumber = "{number}"\ndevice = "sip"\nendpoint = "{number}"\npassword = "p{number}"\n')
        lines.append(f'[[agent]]\nid = "{n + 1}"\nextension = "{number}"\nqueues = ["load"]\nlogin = "with_phone"\n')
    lines.append(more)
    path = os.path.join(folder, "load.toml")
    with open(path, "w") as out:
        out.write("\n".join(lines))
    return path


def times_s(stat):
    fields = open(stat).read().rsplit(")", 1)[1].split()
    return int(fields[11]) / TICKS, int(fields[12]) / TICKS


class Server:
    running = []

    def __init__(self, folder, more="", channels=2000):
        if f":{PORT:04X} " in open("/proc/net/udp").read():
            sys.exit(f"port {PORT} is in use: another measurement runs, or an earlier one was killed")
        Server.running.append(self)
        self.log = open(os.path.join(folder, "server.log"), "w+")
        self.process = subprocess.Popen([SERVER, "run", "--config", configuration(folder, more, channels)], stdout=self.log, stderr=self.log)
        self.wait_until_listening()

    def wait_until_listening(self):
        wanted = f":{PORT:04X} "
        for _ in range(300):
            if wanted in open("/proc/net/udp").read():
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        self.log.seek(0)
        sys.exit("the server does not listen:\n" + self.log.read())

    def cpu_s(self):
        return sum(self.cpu_parts_s())

    def cpu_parts_s(self):
        """In the program, and in the kernel for it."""
        return times_s(f"/proc/{self.process.pid}/stat")

    def cpu_of_threads_s(self):
        """By the name of the thread; threads with the same name together."""
        sums = {}
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            place = f"/proc/{self.process.pid}/task/{task}"
            try:
                name = open(f"{place}/comm").read().strip()
                spent_ns = int(open(f"{place}/schedstat").read().split()[0])
                sums[name] = sums.get(name, 0) + spent_ns / 1e9
            except OSError:
                pass  # it has ended
        return sums

    def rss_mb(self):
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "killed"


class Sipp:
    running = []

    def __init__(self, folder, name, scenario, port, *options, target=f"127.0.0.1:{PORT}"):
        self.stats = os.path.join(folder, name + ".csv")
        command = ["sipp", "-sf", os.path.join(HERE, scenario), "-i", "127.0.0.1", "-p", str(port), "-nostdin",
                   "-trace_stat", "-stf", self.stats, "-fd", "1", *map(str, options)]
        if target:
            command.append(target)
        Sipp.running.append(self)
        self.errors = open(os.path.join(folder, name + ".err"), "w+")
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=self.errors, cwd=folder)

    def wait(self, timeout):
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "timed out"

    def end(self):
        self.process.terminate()
        self.wait(10)

    def row(self):
        if not os.path.exists(self.stats):
            self.errors.seek(0)
            sys.exit("sipp did not run:\n" + self.errors.read())
        lines = open(self.stats).read().splitlines()
        return dict(zip(lines[0].split(";"), lines[-1].split(";")))

    def summary(self):
        row = self.row()
        return (f'{row["SuccessfulCall(C)"]} ok, {row["FailedCall(C)"]} failed, '
                f'{row["Retransmissions(C)"]} retransmitted')

    def answered(self):
        return int(self.row()["SuccessfulCall(C)"])


def say(text):
    print(text, flush=True)


def load():
    """How busy the machine was, beside what was measured."""
    return f"load average {os.getloadavg()[0]:.1f}"


def verdict(measured, goal):
    """A goal beside what was measured; both in the same unit."""
    return f"goal {goal}: {'reached' if measured <= goal else 'MISSED'}"
