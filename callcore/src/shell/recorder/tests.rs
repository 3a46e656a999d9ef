//! Recordings are whole, also when their process is killed, their disk is full, or their name is taken.

use super::*;
use crate::base::Slab;
use crate::media::plan::RecordingKind;
use crate::media::prompt::decode_wav;
use crate::record::wav::{HEADER_LEN, SIZE_OPEN, WavFormat};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;

/// Patience with a machine that has other things to do.
const DEADLINE: Duration = Duration::from_secs(60);

type Done = mpsc::Receiver<(RecordingId, RecordingOutcome)>;

fn start(dir: &Path) -> (Recorder, Done) {
    let (sender, done) = mpsc::channel();
    let options = RecorderOptions { round: Duration::from_millis(2), ..RecorderOptions::new(dir) };
    let done_to = move |id, outcome| drop(sender.send((id, outcome)));
    (Recorder::start(options, done_to).expect("a thread"), done)
}

fn ids(count: usize) -> Vec<RecordingId> {
    let mut slab: Slab<RecordingKind, ()> = Slab::new(count);
    (0..count).map(|_| slab.insert(|_| ()).expect("there is room")).collect()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder for the test")
}

/// Frames of a ramp: each sample tells its place and its side.
fn ramp(frames: std::ops::Range<i16>) -> Vec<i16> {
    frames.flat_map(|n| [n, -n]).collect()
}

/// Push everything, waiting for room.
fn feed(sink: &mut RecordSink, mut samples: &[i16]) {
    while !samples.is_empty() {
        let count = sink.slots().min(samples.len());
        sink.push_entire_slice(&samples[..count]).expect("there is room");
        samples = &samples[count..];
        std::thread::yield_now();
    }
}

/// The samples of a file, read without the module under test.
fn samples(file: &[u8]) -> Vec<i16> {
    file[HEADER_LEN..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

fn wait(done: &Done) -> (RecordingId, RecordingOutcome) {
    done.recv_timeout(DEADLINE).expect("in time")
}

#[test]
fn a_recording_is_whole_when_its_sink_is_dropped() {
    let (dir, id) = (folder(), ids(1)[0]);
    let (recorder, done) = start(dir.path());
    let mut sink = recorder.open(id, Path::new("2026/11/a.wav")).expect("it begins");
    let sound = ramp(0..16_000);
    feed(&mut sink, &sound);
    drop(sink);
    assert_eq!(wait(&done), (id, RecordingOutcome::Complete { duration_ms: 2_000 }));
    let file = fs::read(dir.path().join("2026/11/a.wav")).expect("it is there");
    assert_eq!(file[..HEADER_LEN], WavFormat::STEREO_8KHZ.final_header(64_000));
    assert_eq!(samples(&file), sound);
    assert_eq!(repair(dir.path(), "2026/11/a.wav"), Ok(2_000));
    assert_eq!(fs::read(dir.path().join("2026/11/a.wav")).expect("it is there"), file, "nothing to mend");
}

#[test]
fn many_recordings_do_not_mix() {
    let (dir, ids) = (folder(), ids(40));
    let (recorder, done) = start(dir.path());
    let path = |n: usize| format!("{n}.wav");
    let mut sinks: Vec<_> = ids
        .iter()
        .enumerate()
        .map(|(n, id)| recorder.open(*id, Path::new(&path(n))).expect("it begins"))
        .collect();
    for step in 0..20 {
        for (n, sink) in sinks.iter_mut().enumerate() {
            feed(sink, &vec![(n * 100 + step) as i16; 320]);
        }
    }
    drop(sinks);
    let mut finished: Vec<_> = ids.iter().map(|_| wait(&done).0).collect();
    finished.sort_unstable();
    assert_eq!(finished, ids, "each once");
    for n in 0..ids.len() {
        let file = fs::read(dir.path().join(path(n))).expect("it is there");
        let expected: Vec<i16> = (0..20).flat_map(|step| vec![(n * 100 + step) as i16; 320]).collect();
        assert_eq!(samples(&file), expected);
    }
    recorder.close();
    assert_eq!(done.try_iter().count(), 0);
}

#[test]
fn the_end_of_the_recorder_ends_what_runs() {
    let (dir, id) = (folder(), ids(1)[0]);
    let (recorder, done) = start(dir.path());
    let mut sink = recorder.open(id, Path::new("a.wav")).expect("it begins");
    feed(&mut sink, &ramp(0..800));
    recorder.close();
    assert_eq!(wait(&done), (id, RecordingOutcome::Complete { duration_ms: 100 }));
    assert!(sink.is_abandoned());
}

#[test]
fn no_path_leads_out_of_the_folder() {
    let dir = folder();
    let (recorder, done) = start(&dir.path().join("recordings"));
    for path in ["", "/etc/x.wav", "../x.wav", "a/../../x.wav", "..", "."] {
        assert!(recorder.open(ids(1)[0], Path::new(path)).is_err(), "{path}");
    }
    recorder.close();
    assert_eq!((done.iter().count(), fs::read_dir(dir.path()).expect("a folder").count()), (0, 0));
}

#[test]
fn a_name_that_is_taken_costs_no_sound() {
    let (dir, id) = (folder(), ids(1)[0]);
    fs::write(dir.path().join("a.wav"), "another's").expect("written");
    let (recorder, done) = start(dir.path());
    let mut sink = recorder.open(id, Path::new("a.wav")).expect("it begins");
    feed(&mut sink, &ramp(0..80));
    drop(sink);
    let (_, RecordingOutcome::Failed { text }) = wait(&done) else {
        panic!("its path is not the one in the ledger")
    };
    assert!(text.contains("a.wav was there already") && text.contains("a-2.wav"), "{text}");
    assert_eq!(fs::read(dir.path().join("a.wav")).expect("it is there"), b"another's");
    assert_eq!(samples(&fs::read(dir.path().join("a-2.wav")).expect("it is there")), ramp(0..80));
}

#[test]
fn a_folder_that_cannot_be_made_fails_the_recording_and_empties_its_ring() {
    let (dir, id) = (folder(), ids(1)[0]);
    fs::write(dir.path().join("2026"), "a file, not a folder").expect("written");
    let (recorder, done) = start(dir.path());
    let mut sink = recorder.open(id, Path::new("2026/a.wav")).expect("nobody waits for the disk");
    feed(&mut sink, &vec![1; 100_000]);
    drop(sink);
    let (_, RecordingOutcome::Failed { text }) = wait(&done) else { panic!("there is no file") };
    assert!(text.contains("2026/a.wav cannot be made"), "{text}");
}

#[test]
fn a_full_disk_fails_the_recording_and_empties_its_ring() {
    let (dir, id) = (folder(), ids(1)[0]);
    let mut file = file::WavFile::create(&dir.path().join("a.wav")).expect("it is made");
    file.fill_disk();
    let (_sender, receiver) = crossbeam_channel::bounded(1);
    let (mut sink, ring) = rtrb::RingBuffer::new(64);
    let mut outcomes = Vec::new();
    let mut rounds = Rounds::new(receiver, DEADLINE, |id, outcome| outcomes.push((id, outcome)));
    rounds.add(id, ring, file);
    for _ in 0..10 {
        sink.push_entire_slice(&[1; 64]).expect("the ring is emptied in each round");
        rounds.go_round(false);
    }
    drop(sink);
    rounds.go_round(false);
    drop(rounds);
    let [(_, RecordingOutcome::Failed { text })] = &outcomes[..] else { panic!("{outcomes:?}") };
    assert!(text.contains("a.wav cannot be written to its end: No space left"), "{text}");
}

/// A file is readable at any moment, as a killed process would leave it; and mended it is whole.
#[test]
fn cut_off_anywhere_it_plays_and_is_mended() {
    let (dir, id) = (folder(), ids(1)[0]);
    let (recorder, done) = start(dir.path());
    let mut sink = recorder.open(id, Path::new("a.wav")).expect("it begins");
    let path = dir.path().join("a.wav");
    let sound = ramp(0..2_000);
    feed(&mut sink, &sound);
    let is_written = || fs::metadata(&path).is_ok_and(|it| it.len() == (HEADER_LEN + sound.len() * 2) as u64);
    let since = std::time::Instant::now();
    while !is_written() && since.elapsed() < DEADLINE {
        std::thread::yield_now();
    }
    let growing = fs::read(&path).expect("it is there");
    assert_eq!(growing[4..8], SIZE_OPEN.to_le_bytes());
    for len in (HEADER_LEN..growing.len()).step_by(97).chain([growing.len()]) {
        let cut = &growing[..len];
        let frames = (len - HEADER_LEN) / 4;
        assert_eq!(decode_wav(cut).expect("it plays").samples.len(), frames);
        fs::write(dir.path().join("cut.wav"), cut).expect("written");
        assert_eq!(repair(dir.path(), "cut.wav"), Ok(frames as u64 / 8));
        let mended = fs::read(dir.path().join("cut.wav")).expect("it is there");
        assert_eq!(mended[..HEADER_LEN], WavFormat::STEREO_8KHZ.final_header(frames as u64 * 4));
        assert_eq!(samples(&mended), sound[..frames * 2]);
    }
    fs::write(dir.path().join("cut.wav"), &growing[..20]).expect("written");
    assert!(repair(dir.path(), "cut.wav").expect_err("no header").contains("cut.wav"));
    assert!(repair(dir.path(), "none.wav").expect_err("no file").contains("none.wav"));
    drop(sink);
    wait(&done);
}

const CHILD_DIR: &str = "CALLCORE_TEST_RECORDER";

#[test]
#[ignore = "a part of killed_while_it_records_the_file_plays_in_sox"]
fn child_that_records() {
    let Some(dir) = std::env::var_os(CHILD_DIR) else { return };
    let (recorder, _done) = start(Path::new(&dir));
    let mut sink = recorder.open(ids(1)[0], Path::new("a.wav")).expect("it begins");
    for n in 0.. {
        feed(&mut sink, &ramp(0..8_000));
        println!("second {n}");
    }
}

/// Killed with SIGKILL in the middle of it, the file plays as it is; what is missing is no more than the ring held and,
/// since this feeds faster than any call, what the recorder had taken out of it and not written yet.
#[test]
fn killed_while_it_records_the_file_plays_in_sox() {
    let dir = folder();
    let name =
        format!("{}::child_that_records", module_path!().split_once("::").expect("a crate and a module").1);
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", &name, "--ignored", "--nocapture"])
        .env(CHILD_DIR, dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut seconds = 0;
    for line in lines.map_while(Result::ok).filter(|line| line.contains("second")) {
        seconds += 1;
        if line.ends_with("second 20") {
            child.kill().expect("it is ours");
        }
    }
    child.wait().expect("it is ours");
    let path = dir.path().join("a.wav");
    let file = fs::read(&path).expect("it is there");
    assert_eq!(file[4..8], SIZE_OPEN.to_le_bytes(), "nobody has finished it");
    let frames = (file.len() - HEADER_LEN) / 4;
    assert!(frames >= (seconds - 4) * 8_000, "{frames} frames of {seconds} s: ring and hand hold 2 s each");
    for (n, frame) in samples(&file).chunks_exact(2).enumerate() {
        let place = (n % 8_000) as i16;
        assert_eq!(frame, [place, -place], "frame {n}");
    }
    match Command::new("sox").arg(&path).args(["-n", "stat"]).output() {
        Ok(sox) => {
            let text = String::from_utf8_lossy(&sox.stderr).into_owned();
            let length = text.lines().find_map(|line| line.strip_prefix("Length (seconds):"));
            let length: f64 = length.and_then(|text| text.trim().parse().ok()).expect("sox tells it");
            assert!(sox.status.success() && (length - frames as f64 / 8_000.0).abs() < 0.001, "{text}");
        }
        // the samples are checked above; sox says only that another's program thinks so too
        Err(why) => println!("sox is not here: {why}"),
    }
    assert_eq!(repair(dir.path(), "a.wav"), Ok(frames as u64 / 8));
}
