//! The journal is cut at every byte, damaged at every byte, killed, and given a full disk.

use super::*;
use crate::base::Rng;
use crate::board::{BoardCall, BoardCommand, ChannelId};
use crate::call::Fact;
use crate::exchange::{Event, Output};
use crate::ledger::fixture::Script;
use crate::ledger::{Entry, Records};
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use tempfile::TempDir;

/// Patience with a machine that has other things to do.
const DEADLINE: Duration = Duration::from_secs(60);

/// In memory where there is such a place: thousands of recoveries flush thousands of times.
fn folder() -> TempDir {
    let shm = tempfile::tempdir_in("/dev/shm");
    shm.or_else(|_| tempfile::tempdir()).expect("a folder for the test")
}

fn small(dir: &Path) -> JournalOptions {
    JournalOptions { segment_bytes_max: 2_000, ..JournalOptions::new(dir) }
}

fn open(options: &JournalOptions) -> Result<OpenJournal, JournalError> {
    OpenJournal::open(options.clone(), &mut |_| Ok(77))
}

/// Passes what it is given to a channel.
struct Tell(mpsc::Sender<Result<Output, JournalNews>>);

impl Forward for Tell {
    fn output(&mut self, output: Output) {
        let _ = self.0.send(Ok(output));
    }
    fn on_news(&mut self, news: JournalNews) {
        let _ = self.0.send(Err(news));
    }
}

fn start(options: &JournalOptions) -> (Journal, mpsc::Receiver<Result<Output, JournalNews>>) {
    let (sender, receiver) = mpsc::channel();
    (Journal::start(open(options).expect("it opens"), Tell(sender)).expect("a thread"), receiver)
}

fn write_all(options: &JournalOptions, entries: &[Entry], batch: usize) {
    let (journal, told) = start(options);
    for batch in entries.chunks(batch) {
        journal.send(batch.iter().cloned().map(Output::Fact).collect()).expect("it takes");
        // one by one: a group is never divided between segments
        for _ in batch {
            told.recv_timeout(DEADLINE).expect("in time").expect("no trouble");
        }
    }
    journal.close();
}

fn read_all(dir: &Path) -> Vec<Entry> {
    read_from(dir, 0).expect("a folder").collect::<Result<_, _>>().expect("all good")
}

/// A folder with the same segments.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for file in fs::read_dir(from).expect("a folder") {
        let file = file.expect("a file");
        fs::copy(file.path(), to.join(file.file_name())).expect("copied");
    }
}

fn newest(dir: &Path) -> PathBuf {
    read::segments(dir).expect("a folder").pop().expect("a segment").path
}

/// What holds after every recovery: a prefix of what was written, each call in it ended once, and nothing new next time.
fn check_recovered(options: &JournalOptions, written: &[Entry]) {
    let recovered = open(options).expect("it opens").recovered;
    let entries = read_all(&options.dir);
    let kept = entries.len() - entries.iter().rev().take_while(|entry| !written.contains(entry)).count();
    assert_eq!(entries[..kept], written[..kept], "a prefix");
    let begun: BTreeSet<_> = entries.iter().filter_map(|entry| entry.call).collect();
    let mut records = Records::new();
    let ended: Vec<_> =
        entries.iter().filter_map(|entry| records.push(entry)).map(|record| record.call).collect();
    assert_eq!(ended.len(), begun.len(), "each call one record");
    assert_eq!(ended.into_iter().collect::<BTreeSet<_>>(), begun);
    assert_eq!(recovered.next_seq, entries.len() as u64 + 1);
    assert_eq!(recovered.next_call, begun.last().map_or(recovered.next_call, |last| last + 1));
    let again = open(options).expect("it opens").recovered;
    assert_eq!((again.cut_off, again.torn, again.next_seq), (vec![], vec![], recovered.next_seq));
    assert_eq!(again.next_call, recovered.next_call);
    assert_eq!(read_all(&options.dir), entries, "nothing is done twice");
}

#[test]
fn what_is_written_is_read_in_segments_of_any_size() {
    for (seed, batch, bytes) in [(1, 1, 500), (2, 7, 2_000), (3, 1_000, 1 << 20)] {
        let (dir, day) = (folder(), Script::day(seed, 40));
        let options = JournalOptions { segment_bytes_max: bytes, ..JournalOptions::new(dir.path()) };
        write_all(&options, &day.entries, batch);
        assert_eq!(read_all(&options.dir), day.entries);
        for from in [1, 2, 100, day.entries.len() as u64] {
            let entries: Vec<_> =
                read_from(&options.dir, from).expect("a folder").map(Result::unwrap).collect();
            assert_eq!(entries, day.entries[from as usize - 1..], "from {from}");
        }
        check_recovered(&options, &day.entries);
    }
}

#[test]
fn cut_at_any_byte_a_prefix_is_left_and_each_call_ends_once() {
    let (dir, day) = (folder(), Script::day(5, 6));
    let options = JournalOptions { segment_bytes_max: 700, ..JournalOptions::new(dir.path()) };
    write_all(&options, &day.entries, 3);
    let len = fs::metadata(newest(&options.dir)).expect("a file").len();
    assert!(read::segments(&options.dir).expect("a folder").len() > 2, "calls live across segments");
    for keep in 0..=len {
        let other = folder();
        let options = small(other.path());
        copy(&dir.path().join("journal"), &options.dir);
        fs::File::options()
            .write(true)
            .open(newest(&options.dir))
            .and_then(|file| file.set_len(keep))
            .expect("cut");
        check_recovered(&options, &day.entries);
    }
}

#[test]
fn a_changed_byte_is_an_error_or_a_torn_end_never_a_skipped_line() {
    let (dir, day) = (folder(), Script::day(6, 12));
    let options = small(dir.path());
    write_all(&options, &day.entries, 3);
    let mut rng = Rng::new(6);
    for _ in 0..150 {
        let other = folder();
        let options = small(other.path());
        copy(&dir.path().join("journal"), &options.dir);
        let path = newest(&options.dir);
        let mut bytes = fs::read(&path).expect("a file");
        let place = rng.below(bytes.len() as u64) as usize;
        bytes[place] ^= 1 << rng.below(8);
        fs::write(&path, &bytes).expect("written");
        if let Err(error) = open(&options) {
            let line = bytes[..place].iter().filter(|&&byte| byte == b'\n').count() + 1;
            let text = error.to_string();
            assert!(text.contains(&format!("line {line} is damaged")), "byte {place}: {text}");
            assert!(text.contains(path.to_str().expect("text")), "{text}");
            assert_eq!(fs::read(&path).expect("a file"), bytes, "nothing was changed");
            assert!(!cut(&options.dir).expect("it cuts").is_empty());
        }
        check_recovered(&options, &day.entries);
    }
}

#[test]
fn damage_in_an_old_segment_is_found_and_can_be_cut_off() {
    let (dir, day) = (folder(), Script::day(7, 40));
    let options = small(dir.path());
    write_all(&options, &day.entries, 3);
    let segments = read::segments(&options.dir).expect("a folder");
    let before: u64 = segments.iter().map(|it| fs::metadata(&it.path).expect("a file").len()).sum();
    let mut bytes = fs::read(&segments[1].path).expect("a file");
    let place = bytes.len() / 2;
    bytes[place] ^= 4;
    fs::write(&segments[1].path, bytes).expect("written");
    let all: Result<Vec<_>, _> = read_from(&options.dir, 1).expect("a folder").collect();
    assert!(all.expect_err("damaged").to_string().contains("is damaged"));
    let torn = cut(&options.dir).expect("it cuts");
    assert_eq!(torn.len(), segments.len() - 1);
    let kept: u64 = torn.iter().map(|it| fs::metadata(&it.path).expect("kept").len()).sum();
    let left = read::segments(&options.dir).expect("a folder");
    let left: u64 = left.iter().map(|it| fs::metadata(&it.path).expect("a file").len()).sum();
    assert_eq!(left + kept, before, "no byte is lost");
    check_recovered(&options, &day.entries);
    assert!(cut(&options.dir).expect("it is good").is_empty());
}

#[test]
fn recordings_of_a_cut_off_call_are_completed_before_it_ends() {
    let dir = folder();
    let mut script = Script::new();
    for (call, path) in [(1, "a.wav"), (2, "b.wav")] {
        script
            .arrive(call, "1", "2")
            .fact(call, Fact::RecordingStarted { recording: call, path: path.into() });
    }
    let options = JournalOptions::new(dir.path());
    write_all(&options, &script.entries, 9);
    let mut asked = Vec::new();
    let mut repair = |path: &str| {
        asked.push(path.to_owned());
        if path == "a.wav" { Ok(1_234) } else { Err("it is not there".into()) }
    };
    drop(OpenJournal::open(options.clone(), &mut repair).expect("it opens"));
    assert_eq!(asked, ["a.wav", "b.wav"]);
    let mut records = Records::new();
    let found: Vec<_> = read_all(&options.dir).iter().filter_map(|entry| records.push(entry)).collect();
    assert_eq!((found[0].recording_ms, found[1].recording_ms), (Some(1_234), None));
    assert_eq!(found[1].recording_error.as_deref(), Some("it is not there"));
}

#[test]
fn a_journal_has_one_owner() {
    let dir = folder();
    let options = JournalOptions::new(dir.path());
    let first = open(&options).expect("it opens");
    assert!(matches!(open(&options), Err(JournalError::Locked { .. })));
    drop(first);
    open(&options).expect("it is free again");
}

/// Whatever was passed on, the facts before it are in the file already; and the order is kept.
#[test]
fn outputs_follow_their_facts() {
    for sync in [JournalSync::Group, JournalSync::Always] {
        let (dir, day) = (folder(), Script::day(8, 30));
        let options = JournalOptions { sync, ..small(dir.path()) };
        let (journal, told) = start(&options);
        for entry in &day.entries {
            let done = Output::Event(Event::Done { request: entry.seq, call: None, failed: None });
            journal.send(vec![Output::Fact(entry.clone()), done]).expect("it takes");
        }
        let mut last = 0;
        for _ in 0..2 * day.entries.len() {
            match told.recv_timeout(DEADLINE).expect("in time").expect("no trouble") {
                Output::Fact(entry) => assert_eq!(entry.seq, last + 1),
                Output::Event(Event::Done { request, .. }) => {
                    assert_eq!(request, last + 1);
                    last = request;
                    let written = read_from(&options.dir, last).expect("a folder").next();
                    assert_eq!(written.expect("it is there").expect("good").seq, last);
                }
                other => panic!("{other:?} was never sent"),
            }
        }
        journal.close();
    }
}

// ---- tests in a process of their own

const CHILD_DIR: &str = "CALLCORE_TEST_JOURNAL";

/// Run one of this file's tests in a process of its own, by way of a shell command that ends in `"$0" "$@"`.
fn child(test: &str, dir: &Path, shell: &str) -> Child {
    let name = format!("{}::{test}", module_path!().split_once("::").expect("a crate and a module").1);
    let program = std::env::current_exe().expect("this test");
    let mut command = Command::new("sh");
    command.arg("-c").arg(shell).arg(program).args(["--exact", &name, "--ignored", "--nocapture"]);
    command.env(CHILD_DIR, dir).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("sh runs")
}

fn child_dir() -> Option<PathBuf> {
    std::env::var_os(CHILD_DIR).map(PathBuf::from)
}

struct Print(u64);

impl Forward for Print {
    fn output(&mut self, output: Output) {
        match output {
            Output::Fact(entry) => self.0 = entry.seq,
            _ => println!("acknowledged {}", self.0),
        }
    }
    fn on_news(&mut self, news: JournalNews) {
        println!("news {news:?}");
    }
}

#[test]
#[ignore = "a part of killed_at_any_moment_nothing_acknowledged_is_lost"]
fn child_that_is_killed() {
    let Some(dir) = child_dir() else { return };
    let options = JournalOptions { segment_bytes_max: 50_000, ..JournalOptions::new(&dir) };
    let journal = Journal::start(open(&options).expect("it opens"), Print(0)).expect("a thread");
    for batch in Script::day(9, 20_000).entries.chunks(3) {
        let mut outputs: Vec<_> = batch.iter().cloned().map(Output::Fact).collect();
        outputs.push(Output::Event(Event::Done { request: 0, call: None, failed: None }));
        journal.send(outputs).expect("it takes");
    }
    std::thread::park_timeout(DEADLINE);
}

#[test]
fn killed_at_any_moment_nothing_acknowledged_is_lost() {
    let day = Script::day(9, 20_000);
    for lines in [1, 50, 777, 5_000] {
        let dir = folder();
        let mut child = child("child_that_is_killed", dir.path(), r#"exec "$0" "$@""#);
        let mut last = 0;
        let mut seen = 0;
        let mut output = BufReader::new(child.stdout.take().expect("piped")).lines();
        while let Some(Ok(line)) = output.next() {
            // the harness's own words stand before the first
            let Some((_, seq)) = line.split_once("acknowledged ") else { continue };
            last = seq.parse().expect("a number");
            seen += 1;
            if seen == lines {
                child.kill().expect("it is ours");
            }
        }
        child.wait().expect("it is ours");
        let options = JournalOptions::new(dir.path());
        let next_seq = { open(&options).expect("it opens").recovered.next_seq };
        assert!(seen >= lines && next_seq > last, "{seen} acknowledged up to {last}, but {next_seq} is next");
        let entries = read_all(&options.dir);
        assert!(entries.len() as u64 >= last);
        assert_eq!(entries[..last as usize], day.entries[..last as usize]);
    }
}

#[test]
#[ignore = "a part of a_full_disk_holds_records_back_and_calls_go_on"]
fn child_with_a_full_disk() {
    let Some(dir) = child_dir() else { return };
    let options = JournalOptions { held_bytes_max: 20_000, ..JournalOptions::new(&dir) };
    let (journal, told) = start(&options);
    let next = || told.recv_timeout(DEADLINE).expect("in time");
    let day = Script::day(10, 400).entries;
    let board = || Output::Board(BoardCommand::Answer { channel: ChannelId::new(0, 0), call: BoardCall(2) });
    let (mut acknowledged, mut boards, mut trouble, mut sent) = (0, 0, 0, 0);
    for entry in &day {
        if trouble > 0 && sent % 50 == 49 {
            break;
        }
        journal.send(vec![Output::Fact(entry.clone()), board()]).expect("it takes");
        sent += 1;
        while boards < sent {
            match next() {
                Ok(Output::Fact(_)) => acknowledged += 1,
                Ok(_) => boards += 1,
                Err(news) => {
                    assert!(
                        matches!(&news, JournalNews::Trouble(text) if text.contains("cannot be written")),
                        "{news:?}"
                    );
                    trouble += 1;
                }
            }
        }
    }
    assert_eq!((trouble, boards), (1, sent), "calls go on");
    assert!(acknowledged < sent, "records do not");
    assert_eq!(read_all(&options.dir).len(), acknowledged);
    let pid = std::process::id().to_string();
    let grown = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited"]).status();
    assert!(grown.expect("prlimit runs").success());
    loop {
        match next() {
            Ok(Output::Fact(entry)) => {
                acknowledged += 1;
                assert_eq!(entry, day[acknowledged - 1], "in their order");
            }
            Err(news) => break assert_eq!(news, JournalNews::Over),
            Ok(_) => panic!("commands were passed on before"),
        }
    }
    assert_eq!(acknowledged, sent);
    journal.close();
    assert_eq!(read_all(&options.dir), day[..sent]);
    println!("the child is content");
}

#[test]
fn a_full_disk_holds_records_back_and_calls_go_on() {
    let dir = folder();
    // a file of 16 KiB is all there is room for; being told so by a signal would end the process
    let full = r#"trap "" XFSZ; exec prlimit --fsize=16384:unlimited "$0" "$@""#;
    let child = child("child_with_a_full_disk", dir.path(), full);
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("the child is content"), "{text}");
}

#[test]
fn a_journal_that_never_can_be_written_says_what_is_lost() {
    let dir = folder();
    let options = JournalOptions { held_bytes_max: 0, ..JournalOptions::new(dir.path()) };
    drop(open(&options).expect("it opens"));
    // a device that is always full, in the place of the segment
    let mut opened = open(&options).expect("it opens");
    let path = newest(&options.dir);
    fs::remove_file(&path).expect("it was there");
    std::os::unix::fs::symlink("/dev/full", &path).expect("a link");
    let segment = read::segments(&options.dir).expect("a folder").remove(0);
    opened.file = file::SegmentFile::resume(&segment, 0, 1 << 20, file::Heads::new(1, 1)).expect("it opens");
    let (sender, told) = mpsc::channel();
    let journal = Journal::start(opened, Tell(sender)).expect("a thread");
    let entry = Script::day(1, 1).entries.remove(0);
    journal.send(vec![Output::Fact(entry.clone())]).expect("it takes");
    let news = || told.recv_timeout(DEADLINE).expect("in time").expect_err("news");
    assert!(matches!(news(), JournalNews::Trouble(_)));
    journal.send(vec![Output::Fact(Entry { seq: 2, ..entry })]).expect("it takes");
    assert_eq!(news(), JournalNews::Full);
    journal.close();
    assert!(matches!(news(), JournalNews::Lost(bytes) if bytes > 0));
    std::io::stdout().flush().expect("the harness listens");
}
