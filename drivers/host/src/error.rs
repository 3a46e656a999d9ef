//! Why a driver or its device cannot be used, in sentences that say what to do.

use std::path::PathBuf;

/// Why a driver cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the fields are the words of the sentences
pub enum LoadError {
    /// No such file.
    #[error(
        "there is no file {path}: give the driver's full path, or the name of one that is built in ({built_in})"
    )]
    NotFound { path: PathBuf, built_in: String },
    /// A name that is no file's, no built-in driver's and no manifest's.
    #[error(
        "there is no driver {name}: built in are {built_in}; installed are {found} (looked for manifests in {folders}); give one \
         of these names, or a library's full path"
    )]
    Unknown { name: String, built_in: String, found: String, folders: String },
    /// A manifest that says nothing usable.
    #[error("the manifest {path} cannot be read: {text}; mend it, or take it away")]
    BadManifest { path: PathBuf, text: String },
    /// A manifest without its library.
    #[error(
        "the manifest {manifest} names the library {library}, which is not there: install it, or mend \"library\""
    )]
    NoLibrary { manifest: PathBuf, library: PathBuf },
    /// A driver that may not run in the program.
    #[error(
        "the manifest {manifest} wants the driver in a process of its own, which this host cannot do: set \"isolation\" to \
         \"thread\" if its vendor says that is safe"
    )]
    NeedsProcess { manifest: PathBuf },
    /// Another library than the one that was meant.
    #[error(
        "{path} is not the library that its manifest means: its SHA-256 is {sum}, not {wanted}; install the driver anew, or \
         correct \"sha256\" if you changed it on purpose"
    )]
    WrongSum { path: PathBuf, wanted: String, sum: String },
    /// A library of another driver than its manifest says.
    #[error(
        "{path} is the driver {theirs}, but its manifest says {wanted}: put the library of {wanted} there"
    )]
    WrongId { path: PathBuf, theirs: String, wanted: String },
    /// A file, but no library.
    #[error(
        "{path} is not a shared library (it is no ELF file of that kind): give the path of a driver's .so"
    )]
    NotALibrary { path: PathBuf },
    /// A library of another machine.
    #[error("{path} is built for {theirs}; this program is {ours}: get the driver's build for {ours}")]
    WrongMachine { path: PathBuf, theirs: String, ours: String },
    /// A library that needs a function which nothing here has.
    #[error(
        "{path} needs the function {symbol}, which no library here has: install the version of the vendor's library that has \
         it, or link the driver against it"
    )]
    MissingSymbol { path: PathBuf, symbol: String },
    /// A library that cannot be loaded here.
    #[error("{path} cannot be loaded: {text}; install what it needs, or get the build for this machine")]
    Unloadable { path: PathBuf, text: String },
    /// A library, but no driver.
    #[error("{path} is not a callcore driver: it does not export ccd_negotiate (see callcore_driver.h)")]
    NoSymbol { path: PathBuf },
    /// A driver of another version of the contract.
    #[error(
        "driver {driver} speaks another version of the driver contract ({theirs}); this host speaks {ours}: get the \
         driver built for it"
    )]
    WrongAbi { driver: String, theirs: String, ours: String },
    /// It does not keep to the contract at all.
    #[error("driver {driver} breaks the driver contract: {text}")]
    Broken { driver: String, text: String },
    /// It said no.
    #[error("driver {driver} refused to {what}: {text} (status {code}, vendor code {vendor_code})")]
    Refused { driver: String, what: &'static str, text: String, code: i32, vendor_code: i64 },
    /// A layer between host and driver cannot do its work.
    #[error("layer {layer}: {text}")]
    Layer { layer: &'static str, text: String },
    /// Its devices are not what the configuration wants.
    #[error("driver {driver} {text}")]
    Device { driver: String, text: String },
}
