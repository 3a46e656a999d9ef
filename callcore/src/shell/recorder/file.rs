//! One WAV file: made with an open header, grown, given its final header; and mended after a crash.

use crate::exchange::RecordingOutcome;
use crate::record::name::with_number;
use crate::record::wav::{self, HEADER_LEN, WavFormat};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// Files that may have the same name but for their number.
const SAME_NAME_MAX: u32 = 1000;
const FORMAT: WavFormat = WavFormat::STEREO_8KHZ;

/// A recording's file while it grows.
#[derive(Debug)]
pub(super) struct WavFile {
    file: File,
    /// The path it should have had, and the one it has.
    wanted: PathBuf,
    path: PathBuf,
    data_len: u64,
}

impl WavFile {
    /// Make the file and its folders.
    pub(super) fn create(wanted: &Path) -> io::Result<Self> {
        if let Some(folder) = wanted.parent() {
            fs::create_dir_all(folder)?;
        }
        let (mut file, path) = create_new(wanted)?;
        file.write_all(&FORMAT.open_header())?;
        Ok(Self { file, wanted: wanted.to_owned(), path, data_len: 0 })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Add samples, as bytes; counts what is written also when not all of it is.
    pub(super) fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.file.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.data_len += count as u64;
                    bytes = &bytes[count..];
                }
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) => return Err(why),
            }
        }
        Ok(())
    }

    /// Give it its final header, and cut off part of a sample that a failed write may have left.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        let data_len = self.data_len - self.data_len % FORMAT.frame_len();
        finalise(&self.file, data_len, HEADER_LEN as u64 + data_len)
    }

    /// How it ended, after `finish`.
    pub(super) fn outcome(&self) -> RecordingOutcome {
        if self.path == self.wanted {
            return RecordingOutcome::Complete { duration_ms: FORMAT.duration_ms(self.data_len) };
        }
        let text = format!(
            "{} was there already: this recording is in {}",
            self.wanted.display(),
            self.path.display()
        );
        RecordingOutcome::Failed { text }
    }
}

#[cfg(test)]
impl WavFile {
    /// From now on it is written to a disk that is always full.
    pub(super) fn fill_disk(&mut self) {
        self.file = OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    }
}

/// A new file of this name, or with the first number that is free: a recording never takes another's place.
fn create_new(wanted: &Path) -> io::Result<(File, PathBuf)> {
    let name = wanted.to_str().ok_or(io::ErrorKind::InvalidFilename)?;
    for number in 1..=SAME_NAME_MAX {
        let path = PathBuf::from(with_number(name, number));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {}
            Err(why) => return Err(why),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn finalise(file: &File, data_len: u64, file_len: u64) -> io::Result<()> {
    file.set_len(file_len)?;
    for patch in wav::final_patches(data_len) {
        file.write_all_at(&patch.bytes, patch.offset)?;
    }
    Ok(())
}

/// Make the file of a recording that was cut off whole: its length in milliseconds. Nothing is changed if it is whole.
///
/// # Errors
/// Why it cannot be: it is not there, or is no recording.
pub fn repair(recordings_dir: &Path, path: &str) -> Result<u64, String> {
    let path = recordings_dir.join(path);
    let why = |why: io::Error| format!("{}: {why}", path.display());
    let file = OpenOptions::new().read(true).write(true).open(&path).map_err(why)?;
    let len = file.metadata().map_err(why)?.len();
    let mut head = [0; HEADER_LEN];
    let count = file.read_at(&mut head, 0).map_err(why)?;
    let found = wav::inspect(&head[..count], len).map_err(|why| format!("{}: {why}", path.display()))?;
    if !found.is_final {
        finalise(&file, found.data_len, found.file_len).and_then(|()| file.sync_all()).map_err(why)?;
    }
    Ok(found.format.duration_ms(found.data_len))
}
