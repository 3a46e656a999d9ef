//! `answer` takes a real SIP call over UDP: INVITE, 200, ACK, the welcome as RTP, BYE. The caller is made by hand here, RFC 3261 and 3264.

use crate::build::Build;
use crate::cc::top;
use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

struct Caller {
    socket: UdpSocket,
    sound: UdpSocket,
    server: u16,
}

/// A header's value.
fn header<'a>(message: &'a str, name: &str) -> &'a str {
    let line = message.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}: ")));
    line.and_then(|line| line.split_once(": ")).map_or("", |(_, value)| value.trim())
}

impl Caller {
    fn new(server: u16) -> Self {
        let open = || {
            let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback has a port");
            socket.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
            socket
        };
        Self { socket: open(), sound: open(), server }
    }

    fn send(&self, message: &str) {
        self.socket.send_to(message.as_bytes(), ("127.0.0.1", self.server)).expect("loopback");
    }

    /// The next message that begins so.
    fn next(&self, beginning: &str) -> String {
        let mut buffer = [0; 4096];
        loop {
            let (length, _) =
                self.socket.recv_from(&mut buffer).unwrap_or_else(|why| panic!("no {beginning}: {why}"));
            let message = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if message.starts_with(beginning) {
                return message;
            }
        }
    }

    fn request(&self, method: &str, to: &str, sequence: &str, body: &str) -> String {
        let (here, server) = (self.socket.local_addr().expect("bound"), self.server);
        format!(
            "{method} sip:8000@127.0.0.1:{server} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{sequence}{method}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:13800000000@127.0.0.1>;tag=here\r\nTo: {to}\r\nCall-ID: answered@127.0.0.1\r\n\
             CSeq: {sequence} {method}\r\nContact: <sip:13800000000@{here}>\r\nContent-Type: application/sdp\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    /// Calls 8000 until it is answered; gives the answer.
    fn call(&self) {
        let port = self.sound.local_addr().expect("bound").port();
        let offer = format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 8\r\n\
             a=rtpmap:8 PCMA/8000\r\n"
        );
        self.send(&self.request("INVITE", "<sip:8000@127.0.0.1>", "1", &offer));
        let answer = self.next("SIP/2.0 200");
        self.send(&self.request("ACK", header(&answer, "to"), "1", ""));
    }

    /// Confirms a BYE.
    fn ends(&self) {
        let bye = self.next("BYE ");
        let same = ["Via", "From", "To", "Call-ID", "CSeq"];
        let headers: Vec<String> =
            same.iter().map(|name| format!("{name}: {}\r\n", header(&bye, &name.to_lowercase()))).collect();
        self.send(&format!("SIP/2.0 200 OK\r\n{}Content-Length: 0\r\n\r\n", headers.concat()));
    }
}

/// The configuration of the guide with a free port.
fn config(build: &Build) -> (std::path::PathBuf, u16) {
    let free = UdpSocket::bind("127.0.0.1:0").expect("loopback").local_addr().expect("bound").port();
    let text = std::fs::read_to_string(top().join(crate::docs::answer_command().1)).expect("it is there");
    let text = text.replace("127.0.0.1:5060", &format!("127.0.0.1:{free}"));
    let path = build.folder.join("answer.toml");
    std::fs::write(&path, text).expect("the target folder can be written");
    (path, free)
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Proves: A1.5 in part (a real call from C and C++)
#[test]
fn the_answer_of_the_guides_takes_a_real_call_in_c_and_in_cpp() {
    let (c, cpp) = (Build::new("c-answer-sip"), Build::new("cpp-answer-sip"));
    c.c("examples/c/answer.c", &[]);
    takes_a_call(&c);
    cpp.cpp("examples/cpp/answer.cpp", &[]);
    takes_a_call(&cpp);
}

fn takes_a_call(build: &Build) {
    let (config, port) = config(build);
    let mut command = Command::new(&build.program);
    command.arg(&config).arg("1").current_dir(&build.folder).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut running = Running(command.spawn().expect("it was built"));
    let mut said =
        BufReader::new(running.0.stdout.take().expect("it was piped")).lines().map_while(Result::ok);
    assert_eq!(said.next().as_deref(), Some("waiting for calls"));
    let caller = Caller::new(port);
    caller.call();
    let mut packet = [0; 1500];
    let heard = (0..50).filter(|_| caller.sound.recv(&mut packet).is_ok_and(|length| length == 172)).count();
    assert_eq!(heard, 50, "frames of 20 ms in A-law come");
    caller.ends();
    let rest: Vec<String> = said.collect();
    assert_eq!(
        rest,
        ["13800000000 calls", "answered", "the welcome is over", "the call has ended with cause 16"]
    );
    assert!(running.0.wait().expect("it is our child").success());
}
