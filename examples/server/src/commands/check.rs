//! `check`: is a configuration right?

use crate::cli::CheckArgs;
use crate::output::{End, count, say};

/// Read the file, say what is in it.
pub(crate) fn run(args: &CheckArgs) -> Result<(), End> {
    let loaded = callcore_config::load_file(&args.file)?;
    let core = &loaded.core;
    let parts = [
        (loaded.devices.len(), "device"),
        (core.extension.len(), "extension"),
        (core.trunk_group.len(), "trunk group"),
        (core.route.len(), "route"),
        (core.flow.len(), "flow"),
        (core.queue.len(), "queue"),
        (core.agent.len(), "agent"),
    ];
    let parts: Vec<String> = parts.iter().map(|(number, word)| count(*number, word)).collect();
    say!("{}: right ({})", loaded.name, parts.join(", "));
    Ok(())
}
