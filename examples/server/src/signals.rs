//! Signals that end the program.

use crate::output::End;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::sync::mpsc::{Receiver, channel};

/// Something comes out of it for each SIGINT (Ctrl-C) and SIGTERM, which then no longer kill the program.
///
/// # Errors
/// Why signals cannot be caught.
pub(crate) fn signals() -> Result<Receiver<()>, End> {
    let cannot = |why| End::failed(format!("cannot catch signals: {why}"));
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(cannot)?;
    let (to, from) = channel();
    let wait = move || {
        for _ in signals.forever() {
            if to.send(()).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait).map_err(cannot)?;
    Ok(from)
}
