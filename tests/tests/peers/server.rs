//! The server under test: its binary, in a folder of its own, with a configuration made for the test.

use crate::sound::write_key_capture;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// Everything that happens, happens in this time.
pub(crate) const LIMIT: Duration = Duration::from_secs(180);

/// The binary, built once for all tests of this program.
pub(crate) fn binary() -> PathBuf {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let built = Command::new(env!("CARGO")).args(["build", "--quiet", "-p", "callcore-server"]).status();
        assert!(built.expect("cargo runs").success(), "callcore-server does not build");
    });
    // this test is target/debug/deps/peers-...
    let here = std::env::current_exe().expect("a program has a path");
    here.ancestors().nth(2).expect("two folders up").join("callcore-server")
}

static COUNT: AtomicU16 = AtomicU16::new(0);

/// A port that is free for UDP and TCP, and that no other test gets; so are the three after it, which SIPp takes for media.
pub(crate) fn free_port() -> u16 {
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let port = 21_000 + (std::process::id() as u16 % 15 * 64 + count) % 975 * 4;
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// What a test's server has.
pub(crate) struct Plan {
    /// Agents 1.. on extensions 1001.., logged in with their phones.
    pub(crate) agents: u16,
}

/// A folder with a configuration, and what may run there.
pub(crate) struct Server {
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
    /// Where calls from outside must come from.
    pub(crate) outside_port: u16,
    child: Option<Child>,
}

impl Server {
    /// A folder of its own with a configuration; nothing runs yet.
    pub(crate) fn prepare(name: &str, plan: &Plan) -> Self {
        let folder = std::env::temp_dir().join(format!("callcore-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let (port, outside_port) = (free_port(), free_port());
        std::fs::write(folder.join("callcore.toml"), config(port, outside_port, plan))
            .expect("a temporary file");
        for key in [1, 2] {
            write_key_capture(&folder.join(format!("digit_{key}.pcap")), key);
        }
        Self { folder, port, outside_port, child: None }
    }

    /// Start it, and wait until it says that it runs.
    pub(crate) fn start(&mut self) {
        let log = std::fs::File::options().create(true).append(true).open(self.folder.join("server.log"));
        let mut command = Command::new(binary());
        command.args(["run", "--config", "callcore.toml"]).current_dir(&self.folder).env_remove("RUST_LOG");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log.expect("a temporary file"));
        let mut child = command.spawn().expect("the server starts");
        let out = child.stdout.take().expect("it was piped");
        self.child = Some(child);
        // the last line of what it says at its start; if it ends instead, so do its lines
        let said = BufReader::new(out).lines().map_while(Result::ok).any(|line| line.contains("Ctrl-C"));
        assert!(said, "the server did not start: {}", self.log());
    }

    /// The end of its log, long lines cut.
    pub(crate) fn log(&self) -> String {
        let log = std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
        let lines: Vec<String> = log.lines().map(|line| line.chars().take(300).collect()).collect();
        lines[lines.len().saturating_sub(80)..].join("\n")
    }

    /// SIGTERM; it must end by itself, with exit code 0.
    pub(crate) fn stop(&mut self) {
        let mut child = self.child.take().expect("it runs");
        let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(killed.expect("kill runs").success());
        let deadline = Instant::now() + LIMIT;
        let status = wait_for("the server's end", deadline, || child.try_wait().expect("it is our child"));
        assert!(status.success(), "{status}: {}", self.log());
    }

    /// SIGKILL: nothing in it gets a chance.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("it is our child");
        child.wait().expect("it is our child");
    }

    /// What `records --json` says, newest first.
    pub(crate) fn records(&self) -> Vec<Value> {
        let mut command = Command::new(binary());
        command.args(["records", "--json", "--config", "callcore.toml"]).current_dir(&self.folder);
        let output = command.output().expect("the server's binary runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("JSON is UTF-8");
        text.lines().map(|line| serde_json::from_str(line).expect("a line is a record")).collect()
    }

    /// The records, as soon as there are so many and each recording is complete.
    pub(crate) fn wait_for_records(&self, count: usize) -> Vec<Value> {
        wait_for("records", Instant::now() + LIMIT, || {
            let records = self.records();
            (records.len() >= count).then_some(records)
        })
    }

    /// The file of a record's recording.
    pub(crate) fn recording(&self, record: &Value) -> PathBuf {
        let below = record["recording"].as_str().unwrap_or_else(|| panic!("no recording: {record:#}"));
        self.recordings_folder().join(below)
    }

    pub(crate) fn recordings_folder(&self) -> PathBuf {
        self.folder.join("data/recordings")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("kept for a look: {}\n{}", self.folder.display(), self.log());
        } else {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// Ask again and again until there is an answer.
pub(crate) fn wait_for<T>(what: &str, deadline: Instant, mut ask: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::park_timeout(Duration::from_millis(100));
    }
}

/// All of a reader, in a thread of its own, so that the writer never waits.
pub(crate) fn read_all(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Password of extension `number`.
pub(crate) fn password(number: &str) -> String {
    format!("secret-{number}")
}

fn config(port: u16, outside_port: u16, plan: &Plan) -> String {
    let rtp = 32_000 + port % 100 * 200;
    let mut text = format!(
        r#"
[node]
data_dir = "data"
country = "us"
log = "debug"
[[device]]
name = "sip"
driver = "sip"
[device.config]
listen = "127.0.0.1:{port}"
rtp_ports = "{rtp}-{last}"
codecs = ["PCMA", "PCMU", "G722", "G729", "opus"]
[[device.config.trunks]]
name = "city"
address = "127.0.0.1:{outside_port}"
match = "127.0.0.1:{outside_port}"
[[trunk_group]]
name = "city"
device = "sip"
via = "city"
[[route]]
called = "8000"
to = "flow:main"
[[route]]
called = "*42"
to = "agent:ready"
[[route]]
called = "*43"
to = "agent:not_ready"
[flow.main]
start = "menu"
[flow.main.node.menu]
type = "play_option"
prompts = ["welcome", "menu"]
options = {{ 1 = "queue:support" }}
[[queue]]
name = "support"
music = "hold_music"
wrap_up_ms = 500
"#,
        last = rtp + 199
    );
    for agent in 1..=plan.agents {
        let number = 1000 + agent;
        let secret = password(&number.to_string());
        let _ = write!(
            text,
            r#"
[[extension]]
number = "{number}"
name = "Agent {agent}"
device = "sip"
endpoint = "{number}"
password = "{secret}"
[[agent]]
id = "{agent}"
extension = "{number}"
queues = ["support"]
login = "with_phone"
"#
        );
    }
    text
}

/// A scenario of this folder.
pub(crate) fn scenario(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/peers/scenarios/{name}.xml"))
}
