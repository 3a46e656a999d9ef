//! The first bytes of a library: whether it is one, and for which machine (System V ABI, chapter 4: ELF header).

use crate::error::LoadError;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Machines by their number (`e_machine`), class (`EI_CLASS`: 1 is 32 bit, 2 is 64) and name.
const MACHINES: &[(u16, u8, &str)] = &[
    (3, 1, "x86"),
    (8, 1, "mips"),
    (20, 1, "powerpc"),
    (21, 2, "powerpc64"),
    (22, 2, "s390x"),
    (40, 1, "arm"),
    (62, 2, "x86_64"),
    (62, 1, "x32"),
    (183, 2, "aarch64"),
    (243, 2, "riscv64"),
    (258, 2, "loongarch64"),
];
/// `e_type` of a shared library.
const ET_DYN: u16 = 3;

/// The other names by which vendors call them.
const ALIASES: &[(&str, &str)] =
    &[("amd64", "x86_64"), ("i386", "x86"), ("i686", "x86"), ("arm64", "aarch64")];

fn machine(path: &Path) -> Result<String, LoadError> {
    let not_one = || LoadError::NotALibrary { path: path.to_owned() };
    let mut head = [0; 20];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    if read.is_err() || head[..4] != *b"\x7fELF" {
        return Err(not_one());
    }
    // EI_DATA: 1 is little-endian
    let half = |at: usize| {
        let bytes = [head[at], head[at + 1]];
        if head[5] == 1 { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) }
    };
    if half(16) != ET_DYN {
        return Err(not_one());
    }
    let (number, class) = (half(18), head[4]);
    let known = MACHINES.iter().find(|(it, of, _)| (*it, *of) == (number, class));
    let name = known.map_or_else(|| format!("machine {number}"), |(.., name)| (*name).to_owned());
    let other_end = (head[5] == 1) != cfg!(target_endian = "little");
    Ok(if other_end { format!("{name} of the other byte order") } else { name })
}

/// Whether it is a library for this machine.
pub(crate) fn check(path: &Path) -> Result<(), LoadError> {
    let theirs = machine(path)?;
    if theirs == std::env::consts::ARCH {
        return Ok(());
    }
    let ours = std::env::consts::ARCH.to_owned();
    Err(LoadError::WrongMachine { path: path.to_owned(), theirs, ours })
}

/// Whether a library for `arch` is one for this machine.
pub(super) fn check_arch(path: &Path, arch: &str) -> Result<(), LoadError> {
    let theirs = ALIASES.iter().find(|(alias, _)| *alias == arch).map_or(arch, |(_, name)| name);
    let ours = std::env::consts::ARCH;
    if theirs == ours {
        return Ok(());
    }
    Err(LoadError::WrongMachine { path: path.to_owned(), theirs: theirs.to_owned(), ours: ours.to_owned() })
}
