"""Measurements with people who talk all the time (`tests/examples/talkers`): two-party calls, recorded ones, conferences.

Every stream has 50 packets a second, in both directions. CPU is the server's alone. On loopback the kernel charges who sends
with the way of a packet into the receiver's socket, so the server pays for the delivery of what it sends and not for what
it receives.
"""
import glob, json, os, re, shutil, subprocess, sys, time
from parts import PORT, CALLER_PORT, REGISTER_PORT, TARGET, Server, Sipp, load, say, times_s, verdict

TALKERS, WIRE_COST = (os.path.join(TARGET, "release", "examples", name) for name in ("talkers", "wire_cost"))
PHONE_PORT, RTP_PORT = 15073, 15080
FIRST = 20001
CONFERENCE_FIRST = 85000
LATE_MS_MAX = 10
LADDER = (100, 200, 300, 400, 500, 600, 800, 1000)
# few calls show what a frame costs however little is in it, and caches that are cold; many what a call costs
PAIRS, PARTIES = (100, 500), (120, 480)
# what fails once may be the machine's fault; twice is ours
TRIES = 2


def place(folder, name):
    """A folder of its own for one of several measurements."""
    path = os.path.join(folder, str(name))
    os.mkdir(path)
    return path


class Talkers:
    """The talkers' process, read line by line."""
    running = []

    def __init__(self, calls, seconds, **options):
        if not os.path.exists(TALKERS):
            sys.exit(f"{TALKERS} is not there: build it with cargo build --release -p callcore-tests --example talkers")
        command = [TALKERS, "--server", f"127.0.0.1:{PORT}", "--callers", f"127.0.0.1:{CALLER_PORT}",
                   "--phones", f"127.0.0.1:{PHONE_PORT}", "--rtp", f"127.0.0.1:{RTP_PORT}", "--calls", calls, "--seconds", seconds]
        for name, value in options.items():
            command += [f"--{name}", value]
        Talkers.running.append(self)
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)

    def line(self, wanted):
        line = self.process.stdout.readline().strip()
        if not line.startswith(wanted):
            sys.exit(f"talkers: '{line}' where '{wanted}' was to come")
        return line


def phones(folder, calls):
    """The configuration of so many phones."""
    lines = [f'[[extension]]\nnumber = "{FIRST + n}"\ndevice = "sip"\nendpoint = "{FIRST + n}"\npassword = "p{FIRST + n}"\n'
             for n in range(calls)]
    return "\n".join(lines)


def register(folder, calls):
    users = os.path.join(folder, "phones.csv")
    with open(users, "w") as out:
        out.write("SEQUENTIAL\n")
        for n in range(FIRST, FIRST + calls):
            out.write(f"{n};[authentication username={n} password=p{n}];{PHONE_PORT}\n")
    sipp = Sipp(folder, "register", "register.xml", REGISTER_PORT, "-inf", users, "-m", calls, "-r", 200)
    if sipp.wait(60) != 0:
        say(f"the phones did not register: {sipp.summary()}")


def rooms(calls, parties):
    """The configuration of conferences for so many parties each."""
    lines = []
    for n in range((calls + parties - 1) // parties):
        lines.append(f'[[conference]]\nname = "r{n}"\nparties_max = {parties}\n'
                     f'[[route]]\ncalled = "{CONFERENCE_FIRST + n}"\nto = "conference:r{n}"\n')
    return "\n".join(lines)


class Measured:
    """One run of talkers against a server: what it cost, and what was heard."""

    def __init__(self, server, calls, seconds, during=None, **options):
        rss = server.rss_mb()
        talkers = Talkers(calls, seconds, **options)
        talkers.line("up")
        talkers.line("measuring")
        dropped, before, threads, since = packets_dropped(server), server.cpu_parts_s(), server.cpu_of_threads_s(), time.monotonic()
        self.talkers_s = sum(times_s(f"/proc/{talkers.process.pid}/stat"))
        if during:
            during()
        talkers.line("measured")
        self.wall_s = time.monotonic() - since
        self.talkers_s = sum(times_s(f"/proc/{talkers.process.pid}/stat")) - self.talkers_s
        after, threads_after = server.cpu_parts_s(), server.cpu_of_threads_s()
        self.user_s, self.kernel_s = after[0] - before[0], after[1] - before[1]
        self.threads = {name: used - threads.get(name, 0) for name, used in threads_after.items()}
        self.dropped = packets_dropped(server) - dropped
        self.kb_a_call = 1024 * (server.rss_mb() - rss) / calls
        self.heard = json.loads(talkers.line("{"))
        self.calls = calls
        talkers.line("done")
        talkers.process.wait(10)

    @property
    def ms(self):
        """CPU for a call, or a party, in each second."""
        return 1000 * (self.user_s + self.kernel_s) / (self.calls * self.wall_s)

    def cost(self):
        used = self.user_s + self.kernel_s
        most = sorted(self.threads.items(), key=lambda one: -one[1])[:4]
        shares = ", ".join(f"{name} {100 * spent / used:.0f} %" for name, spent in most if spent > 0.005 * used)
        return (f"{100 * used / self.wall_s:.0f} % of a CPU, {100 * self.kernel_s / used:.0f} % of it in the kernel by /proc ({shares}); "
                f"{self.kb_a_call:.1f} KB a call; the talkers took {100 * self.talkers_s / self.wall_s:.0f} % of a CPU and were "
                f"p99.9 {self.heard['said_late_us'][2] / 1000:.1f} ms late; {load()}")

    def sound(self):
        heard = self.heard
        late, delay = ([f"{us / 1000:.1f}" for us in heard[name]] for name in ("late_us", "delay_us"))
        pairs = f"; mouth to ear p50 {delay[0]} p99 {delay[1]} p99.9 {delay[2]} ms; {heard['jumps']} jumps, " \
                f"{heard['filled']} filled, {heard['strangers']} of strangers" if heard["delay_us"][3] else ""
        return (f"{heard['packets']} packets in {heard['streams']} streams: {heard['lost']} lost, {heard['starved']} starved, "
                f"{heard['silent']} silent, {self.dropped} dropped by sockets; "
                f"late p50 {late[0]} p99 {late[1]} p99.9 {late[2]} max {late[3]} ms{pairs}")

    def faults(self):
        """Why this does not hold; empty when it does."""
        heard = self.heard
        wrong = [f"{heard[what]} {what}" for what in ("lost", "starved", "strangers") if heard[what]]
        # a jitter buffer that follows the network joins; a stamp in a join cannot be read
        wrong += [f"{heard[what]} {what}" for what in ("jumps", "filled") if heard[what] > heard["packets"] / 1000]
        if heard["calls"] < self.calls:
            wrong.append(f"{heard['calls']} of {self.calls} calls up")
        if heard["late_us"][2] > 1000 * LATE_MS_MAX:
            wrong.append(f"p99.9 {heard['late_us'][2] / 1000:.1f} ms late")
        return wrong


def packets_dropped(server):
    """Datagrams that found no room in a socket of the server, or in the one of the talkers' sound."""
    sockets = set()
    for handle in os.scandir(f"/proc/{server.process.pid}/fd"):
        try:
            sockets.update(re.findall(r"socket:\[(\d+)\]", os.readlink(handle.path)))
        except OSError:
            pass  # closed meanwhile
    lines = [line.split() for line in open("/proc/net/udp").read().splitlines()[1:]]
    return sum(int(line[-1]) for line in lines if line[9] in sockets or line[1].endswith(f":{RTP_PORT:04X}"))


def pairs(folder, calls, seconds, recorded, during=None):
    """Two-party calls from the trunk to phones; gives what was measured, and the folder's recordings in seconds."""
    outside = "always" if recorded else "never"
    server = Server(folder, phones(folder, calls) + f'\n[recording]\noutside = "{outside}"\n', channels=max(2000, 2 * calls + 16))
    register(folder, calls)
    measured = Measured(server, calls, seconds, during and (lambda: during(server)), first=FIRST)
    measured.exit = server.stop()
    files = glob.glob(f"{folder}/data/recordings/**/*.wav", recursive=True)
    # 16 bits or A-law, as its header says: bytes a second are at 28, channels at 22
    heads = [(open(file, "rb").read(44), os.path.getsize(file)) for file in files]
    measured.recorded = [(size - len(head)) / max(1, int.from_bytes(head[28:32], "little")) for head, size in heads]
    measured.is_stereo = all(head[22] == 2 for head, _ in heads)
    return measured


def packets_alone(calls):
    """What the packets of so many calls cost this machine now, without any node: no node can be cheaper."""
    if not os.path.exists(WIRE_COST):
        return f"build {WIRE_COST} to see what the packets cost alone"
    run = subprocess.run([WIRE_COST, "alone", str(calls)], capture_output=True, text=True)
    return f"the packets alone cost {run.stdout.strip()} ms here and now" if run.returncode == 0 else run.stderr.strip()


def relay(folder, seconds=20):
    """Two-party calls, both talk all the time."""
    return max(relay_of(place(folder, calls), calls, seconds) for calls in PAIRS)


def relay_of(folder, calls, seconds):
    measured = pairs(folder, calls, seconds, False)
    say(f"relay    {calls} calls: {measured.ms:.3f} ms CPU a call-second ({verdict(measured.ms, 0.5)}); {measured.cost()}")
    say(f"relay    {measured.sound()}; exit {measured.exit}; {packets_alone(calls)}")
    return measured.ms


def recorded(folder, seconds=20):
    """The same, recorded in stereo."""
    return max(recorded_of(place(folder, calls), calls, seconds) for calls in PAIRS)


def recorded_of(folder, calls, seconds):
    measured = pairs(folder, calls, seconds, True)
    say(f"recorded {calls} calls: {measured.ms:.3f} ms CPU a call-second ({verdict(measured.ms, 0.7)}); {measured.cost()}")
    kept = measured.recorded
    say(f"recorded {measured.sound()}; {len(kept)} recordings of {min(kept, default=0):.1f} to {max(kept, default=0):.1f} s, "
        f"{'stereo' if measured.is_stereo else 'NOT STEREO'}; exit {measured.exit}")
    return measured.ms


def conference(folder, seconds=20):
    """Parties in rooms of 3, 30 and 64; all of them talk."""
    sizes = [(calls, parties) for parties in (3, 30, 64) for calls in PARTIES]
    return max(conference_of(place(folder, f"{calls}-{parties}"), calls, parties, seconds) for calls, parties in sizes)


def conference_of(folder, calls, parties, seconds):
    server = Server(folder, rooms(calls, parties) + '\n[recording]\noutside = "never"\n')
    measured = Measured(server, calls, seconds, first=CONFERENCE_FIRST, parties=parties, pairs="false")
    say(f"conference {calls} parties in rooms of {parties}: {measured.ms:.3f} ms CPU a party-second "
        f"({verdict(measured.ms, 0.3)}); {measured.cost()}")
    say(f"conference {measured.sound()}; exit {server.stop()}")
    return measured.ms


def holds(folder, calls, seconds, attempt):
    """Whether so many two-party recorded calls run with nothing lost and nothing late."""
    inside = place(folder, f"{calls}-{attempt}")
    measured = pairs(inside, calls, seconds, True)
    faults = measured.faults()
    short = sum(kept < seconds for kept in measured.recorded)
    if len(measured.recorded) != calls or short:
        faults.append(f"{len(measured.recorded)} recordings, {short} of them too short")
    say(f"capacity {calls} calls: {'hold' if not faults else 'DO NOT HOLD: ' + ', '.join(faults)}; "
        f"{measured.ms:.3f} ms CPU a call-second; {measured.cost()}")
    say(f"capacity {measured.sound()}; exit {measured.exit}")
    shutil.rmtree(inside)
    return not faults


def capacity(folder, seconds=60):
    """How many two-party recorded calls run for a minute with nothing lost and nothing more than 10 ms late."""
    most = 0
    for calls in LADDER:
        if not any(holds(folder, calls, seconds, attempt) for attempt in range(TRIES)):
            break
        most = calls
    say(f"capacity {most} two-party recorded calls on {os.cpu_count()} processors, shared with those who talk")
    return most


SYSCALLS = ("sendto", "recvfrom", "write", "pwrite64", "writev", "fdatasync", "futex", "clock_nanosleep", "epoll_wait", "sched_yield")


def syscalls(folder, calls=50, seconds=12):
    """What the server asks of the kernel for a call and frame, counted by perf."""
    seen = {}

    def count(server):
        events = ["raw_syscalls:sys_enter"] + [f"syscalls:sys_enter_{name}" for name in SYSCALLS]
        since = time.monotonic()
        perf = subprocess.run(["perf", "stat", "-x", ";", "-e", ",".join(events), "-p", str(server.process.pid), "sleep", "8"],
                              capture_output=True, text=True)
        seen["frames"] = 50 * (time.monotonic() - since)
        rows = [line.split(";") for line in perf.stderr.splitlines()]
        seen["counts"] = {row[2].split("_enter_")[-1].split("sys_enter")[-1]: int(row[0]) for row in rows
                          if len(row) > 3 and row[0].isdigit()}

    pairs(folder, calls, seconds, True, count)
    each = {name: number / seen["frames"] / calls for name, number in seen["counts"].items()}
    if not each:
        return say("syscalls perf counts nothing here")
    most = ", ".join(f"{name} {number:.2f}" for name, number in sorted(each.items(), key=lambda one: -one[1])[1:7])
    say(f"syscalls {calls} recorded calls: {max(each.values()):.2f} system calls a call and frame: {most}")
    return max(each.values())


def profile(folder, calls=100, seconds=20):
    """Where the time of relayed and of recorded calls goes, from samples of perf: what /proc says of the kernel's share is
    taken at the ticks of the clock, by which frames go, too."""
    for name in ("relay", "recorded"):
        inside = place(folder, name)
        data = os.path.join(inside, "perf.data")

        def sample(server):
            subprocess.run(["perf", "record", "-q", "-F", "1999", "-e", "cpu-clock", "-o", data, "-p", str(server.process.pid),
                            "sleep", str(seconds - 2)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        measured = pairs(inside, calls, seconds, name == "recorded", sample)
        report = subprocess.run(["perf", "report", "-i", data, "--stdio", "--sort", "sym", "-w", "0"], capture_output=True, text=True)
        rows = re.findall(r"^ +([\d.]+)% +\[(.)\] +(.*?) *$", report.stdout, re.M)
        kernel = sum(float(share) for share, side, _ in rows if side == "k")
        say(f"profile  {name} {calls} calls: {measured.ms:.3f} ms CPU a call-second, {kernel:.0f} % in the kernel; {load()}")
        for share, side, symbol in rows[:24]:
            say(f"profile      {float(share):5.1f} % {'kernel' if side == 'k' else 'ours  '} {symbol}")
