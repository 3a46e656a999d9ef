//! From a name in the configuration to a driver's table: load the library, find the one symbol, agree on a version.

use super::table::{Table, copy_table};
use callcore_driver_sys::*;
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use std::error::Error as _;
use std::ffi::{CStr, CString, c_char};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The versions of the contract that this host speaks.
const ABI_MIN: u32 = CCD_ABI_1_0;
const ABI_MAX: u32 = CCD_ABI_1_0;

/// Why a driver cannot be used.
#[derive(Debug, thiserror::Error)]
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
        "driver {driver} speaks another version of the driver contract ({theirs}); this host speaks {}: get the \
         driver built for it",
        version(ABI_MAX)
    )]
    WrongAbi { driver: String, theirs: String },
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

/// A version of the contract for people.
fn version(abi: u32) -> String {
    format!("{}.{}", abi >> 16, abi & 0xFFFF)
}

/// A driver that has agreed.
#[derive(Clone)]
pub(crate) struct Accepted {
    /// Reverse DNS.
    pub(crate) id: String,
    pub(crate) version: String,
    /// Only one instance of it may be on the machine.
    pub(crate) is_single: bool,
    pub(super) vt: ccd_driver_vt,
}

/// Load a library and find its entry. It stays loaded for ever: unloading code that may have threads is never safe.
pub(crate) fn load(path: &Path, built_in: &str) -> Result<ccd_negotiate_fn, LoadError> {
    let not_found = |_| LoadError::NotFound { path: path.to_owned(), built_in: built_in.to_owned() };
    let full = path.canonicalize().map_err(not_found)?;
    if !is_elf(&full) {
        return Err(LoadError::NotALibrary { path: full });
    }
    // SAFETY: the initialisers of a library run when it is loaded; that is what an operator asks for by naming it.
    let library = unsafe { Library::open(Some(&full), RTLD_NOW | RTLD_LOCAL) }.map_err(|why| {
        // the loader's own words are the source of this error
        let text = why.source().map_or_else(|| why.to_string(), ToString::to_string);
        LoadError::Unloadable { path: full.clone(), text }
    })?;
    // SAFETY: the contract gives the symbol this type.
    let entry = unsafe { library.get::<ccd_negotiate_fn>(c"ccd_negotiate") };
    let entry = entry.map(|symbol| *symbol).map_err(|_| LoadError::NoSymbol { path: full.clone() });
    std::mem::forget(library);
    entry
}

fn is_elf(path: &Path) -> bool {
    let mut magic = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && magic == *b"\x7fELF"
}

/// Agree with a driver on a version of the contract.
pub(crate) fn negotiate(negotiate: ccd_negotiate_fn, driver: &str) -> Result<Accepted, LoadError> {
    let path = CString::new(driver).map_err(|_| broken(driver, "its name holds a NUL"))?;
    let offer = ccd_offer {
        size: size_of::<ccd_offer>() as u32,
        abi_min: ABI_MIN,
        abi_max: ABI_MAX,
        flags: 0,
        host_name: c"callcore".as_ptr(),
        host_version: HOST_VERSION.as_ptr(),
        driver_path: path.as_ptr(),
    };
    let mut accept = ccd_accept::EMPTY;
    accept.size = size_of::<ccd_accept>() as u32;
    // SAFETY: both structs are whole and live through the call.
    let status = unsafe { negotiate(&raw const offer, &raw mut accept) };
    match status {
        CCD_OK => read_accept(driver, &accept),
        CCD_E_VERSION => Err(LoadError::WrongAbi { driver: driver.to_owned(), theirs: theirs(&accept) }),
        code => Err(LoadError::Refused {
            driver: driver.to_owned(),
            what: "negotiate",
            text: "no reason given".to_owned(),
            code,
            vendor_code: 0,
        }),
    }
}

const HOST_VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(text) => text,
        Err(_) => c"",
    };

fn theirs(accept: &ccd_accept) -> String {
    if accept.abi == 0 { "it does not say which".to_owned() } else { version(accept.abi) }
}

fn broken(driver: &str, text: &str) -> LoadError {
    LoadError::Broken { driver: driver.to_owned(), text: text.to_owned() }
}

fn read_accept(driver: &str, accept: &ccd_accept) -> Result<Accepted, LoadError> {
    if !(ABI_MIN..=ABI_MAX).contains(&accept.abi) {
        return Err(LoadError::WrongAbi { driver: driver.to_owned(), theirs: theirs(accept) });
    }
    // SAFETY: an accepted offer comes with static strings and a static table that says its size.
    let (id, version, vt) =
        unsafe { (text(accept.id), text(accept.version), copy_table::<ccd_driver_vt>(accept.vt.cast())) };
    let vt = vt.ok_or_else(|| broken(driver, "it accepts, but gives no table"))?;
    if vt.create.is_none() || vt.destroy.is_none() || vt.enumerate.is_none() || vt.open.is_none() {
        return Err(broken(driver, "its table lacks create, destroy, enumerate or open"));
    }
    if vt.close.is_none() || vt.extension.is_none() {
        return Err(broken(driver, "its table lacks close or extension"));
    }
    Ok(Accepted { id, version, is_single: accept.flags & 2 != 0, vt })
}

/// # Safety
/// `at` is NULL or a NUL-terminated string.
unsafe fn text(at: *const c_char) -> String {
    if at.is_null() {
        return String::new();
    }
    // SAFETY: not NULL; the rest is the caller's promise.
    unsafe { CStr::from_ptr(at) }.to_string_lossy().into_owned()
}
