//! Peers as processes: SIPp scenarios, and baresip as a telephone.

use crate::server::{LIMIT, Server, free_port, password, read_all, scenario, wait_for};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Instant;

/// A SIPp process.
pub(crate) struct Sipp {
    name: String,
    child: Child,
    said: Option<JoinHandle<String>>,
}

impl Sipp {
    /// Run a scenario against the server from a port; `calls` calls.
    pub(crate) fn start(server: &Server, name: &str, port: u16, calls: u16, more: &[&str]) -> Self {
        let mut command = Command::new("sipp");
        command.arg(format!("127.0.0.1:{}", server.port)).arg("-sf").arg(scenario(name));
        let media = free_port().to_string();
        command.args(["-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", &port.to_string(), "-mp", &media]);
        command.args([
            "-cp",
            &free_port().to_string(),
            "-m",
            &calls.to_string(),
            "-nostdin",
            "-timeout",
            "150s",
        ]);
        command.args(["-timeout_error", "-trace_err", "-error_file", "/dev/stderr"]).args(more);
        command.current_dir(&server.folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("sipp is installed where CALLCORE_PEERS is set");
        let said = child.stderr.take().map(read_all);
        Self { name: name.to_owned(), child, said }
    }

    /// The same, and wait until it listens.
    pub(crate) fn listen(server: &Server, name: &str, port: u16, calls: u16) -> Self {
        let peer = Self::start(server, name, port, calls, &[]);
        wait_for("sipp's port", Instant::now() + LIMIT, || is_open(port).then_some(()));
        peer
    }

    /// Wait for its end: every call went as the scenario says.
    pub(crate) fn succeeds(mut self) {
        let status =
            wait_for(&self.name, Instant::now() + LIMIT, || self.child.try_wait().expect("our child"));
        let said = self.said.take().and_then(|said| said.join().ok()).unwrap_or_default();
        assert!(status.success(), "{}: {status}\n{said}", self.name);
    }
}

/// Whether a UDP port is open on this machine. Looked up, since trying it would take it from who is about to.
fn is_open(port: u16) -> bool {
    let table = std::fs::read_to_string("/proc/net/udp").expect("Linux lists its sockets");
    let address = format!(":{port:04X}");
    table.lines().any(|line| line.split_whitespace().nth(1).is_some_and(|local| local.ends_with(&address)))
}

impl Drop for Sipp {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Register a phone that can be called at `phone_port`.
pub(crate) fn register(server: &Server, number: &str, phone_port: u16) {
    let (secret, phone_port) = (password(number), phone_port.to_string());
    let more = ["-s", number, "-au", number, "-ap", &secret, "-key", "phone_port", &phone_port];
    Sipp::start(server, "register", free_port(), 1, &more).succeeds();
}

/// Dial a number from a phone of the house; the server answers and hangs up.
pub(crate) fn dial(server: &Server, from: &str, number: &str) {
    let secret = password(from);
    let more = ["-s", from, "-au", from, "-ap", &secret, "-key", "number", number];
    Sipp::start(server, "dial", free_port(), 1, &more).succeeds();
}

/// The one codec that a baresip speaks: its module, and its name there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codec {
    module: &'static str,
    name: &'static str,
}

impl Codec {
    pub(crate) const G711: Self = Self { module: "g711", name: "PCMA/8000/1" };
    pub(crate) const G722: Self = Self { module: "g722", name: "G722/16000/1" };
    pub(crate) const OPUS: Self = Self { module: "opus", name: "opus/48000/2" };
}

/// A baresip that has registered and answers by itself, speaking a tone.
pub(crate) struct Baresip {
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
}

impl Baresip {
    pub(crate) fn start(server: &Server, number: &str, hz: u16, codec: Codec) -> Self {
        let folder = server.folder.join(format!("baresip-{number}"));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let port = free_port();
        write_config(&folder, server.port, port, number, hz, codec);
        let mut command = Command::new("baresip");
        command.arg("-f").arg(&folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("baresip is installed where CALLCORE_PEERS is set");
        let mut lines =
            BufReader::new(child.stdout.take().expect("it was piped")).lines().map_while(Result::ok);
        let mut heard = Vec::new();
        let registered = lines.by_ref().any(|line| {
            heard.push(line.clone());
            line.contains("registered successfully") || line.contains("200 OK")
        });
        assert!(registered, "baresip did not register:\n{}", heard.join("\n"));
        // it must never wait for a reader
        let said = Arc::<Mutex<Vec<String>>>::default();
        let hears = Arc::clone(&said);
        std::thread::spawn(move || lines.for_each(|line| hears.lock().expect("no panic").push(line)));
        Self { child, said }
    }

    /// The keys that the other side has pressed, as telephone-events (RFC 4733) that have ended.
    pub(crate) fn keys(&self) -> String {
        let said = self.said.lock().expect("no panic");
        let ended = said.iter().filter(|line| line.contains("(end=1)"));
        ended.filter_map(|line| line.split("received event: '").nth(1)?.chars().next()).collect()
    }
}

impl Drop for Baresip {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write_config(folder: &Path, server_port: u16, port: u16, number: &str, hz: u16, codec: Codec) {
    let Codec { module, name } = codec;
    let config = format!(
        "poll_method epoll\nsip_listen 127.0.0.1:{port}\ncall_local_timeout 120\ncall_max_calls 4\n\
         audio_source ausine,{hz}\nausrc_srate 48000\n\
         ausrc_channels 2\nnet_interface 127.0.0.1\nrtp_timeout 60\n\
         module_path /usr/lib/baresip/modules\nmodule stdio.so\nmodule {module}.so\nmodule ausine.so\n\
         module_tmp uuid.so\nmodule_tmp account.so\nmodule_app menu.so\n",
    );
    let secret = password(number);
    let account = format!(
        "<sip:{number}@127.0.0.1:{server_port}>;auth_pass={secret};answermode=auto;regint=300;audio_codecs={name}\n"
    );
    std::fs::write(folder.join("config"), config).expect("a temporary file");
    std::fs::write(folder.join("accounts"), account).expect("a temporary file");
    std::fs::write(folder.join("contacts"), "").expect("a temporary file");
}
