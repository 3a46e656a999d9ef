#!/usr/bin/env python3
"""Measures callcore-server under load on loopback: CPU of the server per call, resident memory, failures, sound.

    cargo build --release -p callcore-server
    cargo build --release -p callcore-tests --example talkers
    cargo build --release -p callcore-driver-sip --example wire_cost
    tests/load/measure.py [-nTIMES] [answer] [prompt] [queue] [backlog] [relay] [recorded] [conference] [syscalls]
                          [profile] [capacity]

All of them when none is named; with -n3 each three times, and the median: of the dearest, where a case has several loads.
Goals stand beside what was measured.

CPU is user + system time of the server process from /proc, so other load on the machine does not count. The server and
all peers are started here and ended here by their own process ids.
"""
import os, re, signal, statistics, subprocess, sys, tempfile, time
import talking
from parts import AGENTS, AGENT_PORT, CALLER_PORT, REGISTER_PORT, SERVER, Server, Sipp, load, say, verdict


def answer(folder):
    """Answer and release at 100/s and 300/s; memory before, after 10,000 calls and a minute later."""
    server = Server(folder)
    say(f"answer   before                      RSS {server.rss_mb():6.1f} MB")
    for rate in (100, 300):
        calls, cpu = rate * 30, server.cpu_s()
        sipp = Sipp(folder, f"answer{rate}", "caller.xml", CALLER_PORT, "-s", 8000, "-r", rate, "-m", calls, "-d", 0, "-l", 2000)
        sipp.wait(120)
        used = server.cpu_s() - cpu
        say(f"answer   {rate:3}/s x 30 s: {sipp.summary():45} {1000 * used / calls:5.2f} ms CPU a call   RSS {server.rss_mb():6.1f} MB")
    time.sleep(60)
    say(f"answer   a minute later              RSS {server.rss_mb():6.1f} MB   exit {server.stop()}")


def prompt(folder):
    """200 and 600 callers at a time are played a prompt for 60 s."""
    return max(prompt_to(talking.place(folder, callers), callers) for callers in (200, 600))


def prompt_to(folder, callers):
    server = Server(folder)
    before = server.rss_mb()
    capture = os.path.join(folder, "rtp.pcap")
    sipp = Sipp(folder, "prompt", "caller.xml", CALLER_PORT, "-s", 8000, "-r", 50, "-m", callers, "-l", callers, "-d", 60000)
    time.sleep(callers / 50 + 4)
    cpu, rss, since = server.cpu_s(), server.rss_mb(), time.monotonic()
    time.sleep(25)
    used, seconds = server.cpu_s() - cpu, time.monotonic() - since
    # a capture clones each packet in the sender's call, so it comes after the CPU was measured
    tshark = subprocess.Popen(["tshark", "-q", "-i", "lo", "-s", "60", "-B", "64", "-w", capture, "-f",
                               "udp and src portrange 20000-29998"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sipp.wait(90)
    each_ms = 1000 * used / (callers * seconds)
    say(f"prompt   {callers} callers: {sipp.summary()}; {each_ms:.3f} ms CPU a call-second ({verdict(each_ms, 0.25)}), "
        f"{1024 * (rss - before) / callers:.1f} KB a call; {load()}")
    tshark.terminate()
    tshark.wait(60)
    say(f"prompt   {judge_rtp(capture)}; exit {server.stop()}")
    return each_ms


def judge_rtp(capture):
    """Sequence and timing of every stream, read from the capture."""
    fields = subprocess.run(["tshark", "-r", capture, "-d", "udp.port==6000,rtp", "-o", "rtp.heuristic_rtp:TRUE", "-T", "fields",
                             "-Y", "rtp.p_type==8", "-e", "udp.srcport", "-e", "rtp.ssrc", "-e", "rtp.seq", "-e", "rtp.timestamp", "-e", "frame.time_epoch"],
                            capture_output=True, text=True).stdout
    last, lost, gaps, jumps, packets = {}, 0, [], 0, 0
    for line in fields.splitlines():
        port, ssrc, seq, stamp, at = line.split("\t")
        port = (port, ssrc)
        packets += 1
        seq, stamp, at = int(seq), int(stamp), float(at)
        if port in last:
            was_seq, was_stamp, was_at = last[port]
            lost += (seq - was_seq - 1) % 65536
            jumps += (stamp - was_stamp) % 2**32 != 160
            gaps.append(at - was_at)
        last[port] = (seq, stamp, at)
    gaps.sort()
    if not gaps:
        return "no RTP was captured"
    late = lambda share: 1000 * gaps[min(len(gaps) - 1, int(len(gaps) * share))]
    return (f"{packets} RTP packets in {len(last)} streams: {lost} sequence numbers missing, {jumps} timestamps not 160 on; "
            f"interval p50 {late(.5):.1f} p99 {late(.99):.1f} p99.9 {late(.999):.1f} max {1000 * gaps[-1]:.1f} ms")


def agents(folder):
    """50 phones that answer at once and talk 1 s; registered by the returned function."""
    users = os.path.join(folder, "users.csv")
    with open(users, "w") as out:
        out.write("SEQUENTIAL\n")
        for n in range(AGENTS):
            out.write(f"{2001 + n};[authentication username={2001 + n} password=p{2001 + n}];{AGENT_PORT}\n")
    phones = Sipp(folder, "phones", "agent.xml", AGENT_PORT, "-d", 1000, "-mp", 16000, target=None)

    def register():
        sipp = Sipp(folder, "register", "register.xml", REGISTER_PORT, "-inf", users, "-m", AGENTS, "-r", 200)
        if sipp.wait(30) != 0:
            say(f"the phones did not register: {sipp.summary()}")
    return phones, register


def queue(folder):
    """40 calls a second to a queue of 50 agents who talk 1 s, for 60 s."""
    server = Server(folder)
    phones, register = agents(folder)
    register()
    time.sleep(1)
    cpu, calls = server.cpu_s(), 40 * 60
    sipp = Sipp(folder, "queue", "waiting_caller.xml", CALLER_PORT, "-s", 8001, "-r", 40, "-m", calls, "-l", 2000)
    sipp.wait(150)
    used = server.cpu_s() - cpu
    say(f"queue    40/s x 60 s, 50 agents: {sipp.summary()}; {1000 * used / calls:.2f} ms CPU a dispatched call; {waits(folder)}")
    phones.end()
    say(f"queue    exit {server.stop()}")


def backlog(folder):
    """500 callers wait when 50 agents log in: how fast is the queue drained?"""
    server = Server(folder)
    phones, register = agents(folder)
    sipp = Sipp(folder, "backlog", "waiting_caller.xml", CALLER_PORT, "-s", 8001, "-r", 100, "-m", 500, "-l", 2000)
    time.sleep(8)
    register()
    since = time.monotonic()
    sipp.wait(120)
    seconds = time.monotonic() - since
    say(f"backlog  500 callers, 50 agents: {sipp.summary()}; drained in {seconds:.1f} s = {500 / seconds:.1f}/s "
        f"(the agents allow 50/s)")
    phones.end()
    say(f"backlog  exit {server.stop()}")


def waits(folder):
    """How long the callers waited, from the records."""
    time.sleep(2)
    text = subprocess.run([SERVER, "records", "--json", "--config", os.path.join(folder, "load.toml"), "--limit", "100000"],
                          capture_output=True, text=True).stdout
    waited = sorted(int(ms) for ms in re.findall(r'"queue_ms":\s*(\d+)', text))
    if not waited:
        return "no records"
    return f"waited p50 {waited[len(waited) // 2]} ms, p99 {waited[int(len(waited) * .99)]} ms, max {waited[-1]} ms ({len(waited)} records)"


CASES = {"answer": answer, "prompt": prompt, "queue": queue, "backlog": backlog, "relay": talking.relay,
         "recorded": talking.recorded, "conference": talking.conference, "syscalls": talking.syscalls,
         "profile": talking.profile, "capacity": talking.capacity}


def run(name):
    """A case in a folder of its own; whatever happens, no process is left."""
    with tempfile.TemporaryDirectory(prefix="callcore-load-") as folder:
        try:
            return CASES[name](folder)
        finally:
            for started in Sipp.running + Server.running + talking.Talkers.running:
                if started.process.poll() is None:
                    started.process.kill()


def main():
    # who is ended from outside ends what it has started
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    words = sys.argv[1:]
    times = int(words.pop(0)[2:]) if words and re.fullmatch(r"-n\d+", words[0]) else 1
    unknown = [name for name in words if name not in CASES]
    if unknown:
        sys.exit(f"{unknown[0]} is none of {', '.join(CASES)}")
    if not os.path.exists(SERVER):
        sys.exit(f"{SERVER} is not there: build it with cargo build --release -p callcore-server")
    for name in words or CASES:
        figures = [run(name) for _ in range(times)]
        if times > 1 and figures[0] is not None:
            say(f"{name:8} median of {times}: {statistics.median(figures):.3f} (from {min(figures):.3f} to {max(figures):.3f})")


if __name__ == "__main__":
    main()
