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
    /// A file, but no library.
    #[error("{path} is not a shared library (it is no ELF file)")]
    NotALibrary { path: PathBuf },
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
    /// Its devices are not what the configuration wants.
    #[error("driver {driver} {text}")]
    Device { driver: String, text: String },
}
