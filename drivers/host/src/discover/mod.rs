//! Which drivers there are, found without loading any of them.
//!
//! A driver is announced by a manifest beside its library, `NAME.ccdrv.json`:
//!
//! ```json
//! {"abi": "1.0-1.3", "id": "com.vendor.e1", "name": "E1", "library": "libvendor_e1.so", "sha256": "9f86...",
//!  "isolation": "thread", "arch": "x86_64", "priority": 10, "config": {"law": "a"}}
//! ```
//!
//! `abi` is one major version (`1`), one version (`"1.0"`) or a range of them; all but `abi`, `id` and `library` may be left
//! out. Manifests are looked for in the folders of `CALLCORE_DRIVER_PATH` (separated by colons; not for a program that runs with
//! more rights than who started it), in `/etc/callcore/drivers.d` and in `/usr/lib/callcore/drivers`; of two with the same id the
//! higher `priority` counts, then the folder that comes first.

mod elf;
mod manifest;
mod secure;

pub use manifest::{AbiRange, Isolation, Manifest};

use crate::error::LoadError;
use sha2::{Digest, Sha256};
use std::io::Read as _;
use std::path::{Path, PathBuf};

pub(crate) use elf::check as check_elf;

/// How manifests end.
const ENDING: &str = ".ccdrv.json";
/// The folders for which CALLCORE_DRIVER_PATH is read.
const PATH_VARIABLE: &str = "CALLCORE_DRIVER_PATH";

/// Where drivers are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The folders, the first counts most.
    pub folders: Vec<PathBuf>,
}

impl Default for Search {
    /// The places of the system, after those of `CALLCORE_DRIVER_PATH`.
    fn default() -> Self {
        let named = std::env::var_os(PATH_VARIABLE).filter(|_| !secure::has_more_rights());
        let named = named.iter().flat_map(std::env::split_paths).filter(|folder| folder.is_absolute());
        let system = ["/etc/callcore/drivers.d", "/usr/lib/callcore/drivers"].map(PathBuf::from);
        Self { folders: named.chain(system).collect() }
    }
}

/// A driver that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Where its manifest is.
    pub path: PathBuf,
    /// What it says; `Err`: why it cannot be read.
    pub manifest: Result<Manifest, LoadError>,
    /// Why it cannot be used here, as far as that shows without loading it.
    pub refused: Option<LoadError>,
}

impl Found {
    /// Its library: beside the manifest, unless that says another folder.
    #[must_use]
    pub fn library(&self) -> Option<PathBuf> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        self.manifest.as_ref().ok().map(|manifest| folder.join(&manifest.library))
    }

    /// Whether a configuration means this one by `name`: its id, its name, or its manifest's.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let file = self.path.file_name().and_then(|file| file.to_str()).unwrap_or_default();
        let said = self.manifest.as_ref();
        file.strip_suffix(ENDING) == Some(name)
            || said.is_ok_and(|it| it.id == name || it.name.as_deref() == Some(name))
    }

    fn priority(&self) -> i64 {
        self.manifest.as_ref().map_or(i64::MIN, |manifest| manifest.priority)
    }
}

/// All drivers of these folders, each with what is wrong with it; the one that counts most first. Nothing is loaded.
#[must_use]
pub fn discover(search: &Search) -> Vec<Found> {
    let mut found: Vec<Found> =
        search.folders.iter().flat_map(|folder| manifests(folder)).map(look).collect();
    // those of one priority stay in the order of their folders
    found.sort_by_key(|found| std::cmp::Reverse(found.priority()));
    found
}

/// The driver that a configuration means: of those called so, the first that can be used, else the first.
///
/// # Errors
/// None is called so, or it cannot be used; the sentence says what there is and what to do.
pub fn find(search: &Search, name: &str, built_in: &str) -> Result<Found, LoadError> {
    let all = discover(search);
    let mut called: Vec<Found> = all.iter().filter(|found| found.is_called(name)).cloned().collect();
    if let Some(usable) = called.iter().position(|found| found.refused.is_none()) {
        return Ok(called.swap_remove(usable));
    }
    match called.into_iter().next().and_then(|found| found.refused) {
        Some(why) => Err(why),
        None => Err(LoadError::Unknown {
            name: name.to_owned(),
            built_in: built_in.to_owned(),
            found: ids(&all),
            folders: list(search.folders.iter().map(|folder| folder.display().to_string())),
        }),
    }
}

fn ids(all: &[Found]) -> String {
    list(all.iter().filter_map(|found| Some(found.manifest.as_ref().ok()?.id.clone())))
}

fn list(texts: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = texts.collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

/// The manifests of a folder, in the order of their names. A folder that is not there has none.
fn manifests(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut manifests: Vec<PathBuf> =
        paths.filter(|path| path.to_str().is_some_and(|path| path.ends_with(ENDING))).collect();
    manifests.sort();
    manifests
}

fn look(path: PathBuf) -> Found {
    let manifest = Manifest::read(&path);
    let mut found = Found { path, manifest, refused: None };
    found.refused = match &found.manifest {
        Ok(manifest) => refusal(&found, manifest).err(),
        Err(why) => Some(why.clone()),
    };
    found
}

/// What speaks against using it, without loading it.
fn refusal(found: &Found, manifest: &Manifest) -> Result<(), LoadError> {
    manifest.abi.check(&manifest.id)?;
    let path = found.library().unwrap_or_default();
    if !path.is_file() {
        return Err(LoadError::NoLibrary { manifest: found.path.clone(), library: path });
    }
    if let Some(arch) = &manifest.arch {
        elf::check_arch(&path, arch)?;
    }
    elf::check(&path)?;
    if manifest.isolation == Isolation::Process {
        return Err(LoadError::NeedsProcess { manifest: found.path.clone() });
    }
    match &manifest.sha256 {
        Some(sum) => check_sum(&path, sum),
        None => Ok(()),
    }
}

fn check_sum(path: &Path, wanted: &str) -> Result<(), LoadError> {
    let unreadable =
        |why: std::io::Error| LoadError::Unloadable { path: path.to_owned(), text: why.to_string() };
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let (mut hash, mut part) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut part).map_err(unreadable)? {
            0 => break,
            read => hash.update(&part[..read]),
        }
    }
    let sum: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if sum.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(LoadError::WrongSum { path: path.to_owned(), wanted: wanted.to_owned(), sum })
}
