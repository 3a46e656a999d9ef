//! A driver that may run once on a machine: whoever runs it holds a lock that the others find.

use crate::error::LoadError;
use std::fs::{File, OpenOptions, TryLockError};

/// Held as long as the driver runs; the system lets go of it when the program ends, however it does.
pub(super) struct Single {
    _lock: File,
}

impl Single {
    pub(super) fn claim(driver: &str, id: &str) -> Result<Self, LoadError> {
        let name = id.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "_");
        let path = std::env::temp_dir().join(format!("callcore-{name}.lock"));
        let refuse = |text: String| LoadError::Device { driver: driver.to_owned(), text };
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|why| refuse(format!("needs the lock file {}: {why}", path.display())))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _lock: file }),
            Err(TryLockError::WouldBlock) => Err(refuse(
                "can run only once on a machine, and runs already (in this program or another): end that one, or give all \
                 its devices to it"
                    .to_owned(),
            )),
            Err(TryLockError::Error(why)) => Err(refuse(format!("cannot lock {}: {why}", path.display()))),
        }
    }
}
