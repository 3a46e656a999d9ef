//! Each reader of outside bytes gets a bounded number of damaged files, the same in every run; `fuzz/` has no bound.

use callcore::base::Rng;
use callcore_readers::{TARGETS, Target};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Most damaged files of one reader, and most bytes of all of them: sound is long, and slow to read.
const FILES_MAX: usize = 4000;
const BYTES_MAX: usize = 8 << 20;
/// Most damages of one file.
const DAMAGES_MAX: u64 = 6;

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("this crate is two folders below the top").to_owned()
}

fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for place in target.seeds.iter().map(|place| root().join(place)) {
        if place.is_dir() {
            let entries = std::fs::read_dir(&place).expect("a folder of the repository");
            files.extend(entries.map(|entry| entry.expect("a file of the repository").path()));
        } else {
            files.push(place);
        }
    }
    files.sort();
    files
        .iter()
        .map(|file| std::fs::read(file).unwrap_or_else(|why| panic!("{}: {why}", file.display())))
        .collect()
}

/// One damage: a byte changed, a part taken out, doubled, or taken from another file.
fn damage(bytes: &mut Vec<u8>, others: &[Vec<u8>], rng: &mut Rng) {
    let at = rng.below(bytes.len() as u64 + 1) as usize;
    let end = (at + rng.below(24) as usize).min(bytes.len());
    match rng.below(7) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => {
            let part = bytes[at..end].to_vec();
            bytes.splice(at..at, part);
        }
        3 => {
            let other = &others[rng.below(others.len() as u64) as usize];
            let from = rng.below(other.len() as u64 + 1) as usize;
            let to = (from + rng.below(64) as usize).min(other.len());
            bytes.splice(at..end, other[from..to].iter().copied());
        }
        4 => bytes.insert(at, rng.below(256) as u8),
        5 => bytes[at..end].fill([0, 0x7F, 0x80, 0xFF][rng.below(4) as usize]),
        _ => bytes[at..end].iter_mut().take(1).for_each(|byte| *byte ^= 1 << rng.below(8)),
    }
}

#[test]
fn damaged_files_are_read_or_refused() {
    for target in TARGETS {
        let seeds = seeds(target);
        assert!(!seeds.is_empty(), "{}: it has no seeds", target.name);
        let (mut rng, mut left) = (Rng::new(11), BYTES_MAX);
        seeds.iter().for_each(|seed| (target.read)(seed));
        for number in 0..FILES_MAX {
            let mut bytes = seeds[number % seeds.len()].clone();
            (0..=rng.below(DAMAGES_MAX)).for_each(|_| damage(&mut bytes, &seeds, &mut rng));
            let Some(rest) = left.checked_sub(bytes.len()) else { break };
            left = rest;
            let harm = catch_unwind(AssertUnwindSafe(|| (target.read)(&bytes)));
            assert!(harm.is_ok(), "{}, file {number}: {:?}", target.name, bytes.escape_ascii().to_string());
        }
    }
}

#[test]
fn each_reader_is_a_target_of_cargo_fuzz() {
    let manifest = std::fs::read_to_string(root().join("fuzz/Cargo.toml")).expect("is there");
    let manifest: toml::Table = manifest.parse().expect("is TOML");
    let bins = manifest["bin"].as_array().expect("a list").iter();
    let bins: BTreeSet<&str> = bins.filter_map(|bin| bin.get("name")?.as_str()).collect();
    assert_eq!(bins, TARGETS.iter().map(|target| target.name).collect());
    for target in TARGETS {
        let path = format!("fuzz/targets/{}.rs", target.name);
        assert!(root().join(&path).is_file(), "{path} is missing");
    }
}
