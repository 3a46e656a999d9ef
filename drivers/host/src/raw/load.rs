//! From a file or a built-in entry to a driver that has agreed: load, find the one symbol, settle on a version.

use super::driver::RawDriver;
use super::{broken, host::HostTable};
use crate::discover::{AbiRange, Found, check_elf};
use crate::error::LoadError;
use crate::info::DriverInfo;
use crate::seam::{Driver, Host};
use crate::text::{from_c, to_c};
use callcore_driver_sys::table::{Table, copy_table};
use callcore_driver_sys::*;
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use std::error::Error as _;
use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The versions of the contract that this host speaks.
pub(crate) const ABI_MIN: u32 = CCD_ABI_1_0;
pub(crate) const ABI_MAX: u32 = CCD_ABI_1_0;

/// A version of the contract for people.
pub(crate) fn version(abi: u32) -> String {
    format!("{}.{}", abi >> 16, abi & 0xFFFF)
}

/// The entry of a driver: the one symbol that its library exports, as a function.
#[derive(Clone, Debug)]
pub struct Entry {
    negotiate: ccd_negotiate_fn,
    name: String,
    /// The id that its manifest says.
    wanted: Option<String>,
}

impl Entry {
    /// The entry of a driver that is part of the program; `name` is what messages call it.
    #[must_use]
    pub fn built_in(name: &str, negotiate: ccd_negotiate_fn) -> Self {
        Self { negotiate, name: name.to_owned(), wanted: None }
    }

    /// Load a library and find its entry. It stays loaded for ever: unloading code that may have threads is never safe.
    /// `built_in` are the names that could have been meant instead, for the message.
    ///
    /// # Errors
    /// It is no file, no library, lacks something, or is no driver.
    pub fn load(path: &Path, built_in: &str) -> Result<Self, LoadError> {
        let not_found = |_| LoadError::NotFound { path: path.to_owned(), built_in: built_in.to_owned() };
        let full = path.canonicalize().map_err(not_found)?;
        check_elf(&full)?;
        // SAFETY: the initialisers of a library run when it is loaded; that is what an operator asks for by naming it.
        let library = unsafe { Library::open(Some(&full), RTLD_NOW | RTLD_LOCAL) }.map_err(|why| {
            // the loader's own words are the source of this error
            let text = why.source().map_or_else(|| why.to_string(), ToString::to_string);
            unloadable(&full, text)
        })?;
        // SAFETY: the contract gives the symbol this type.
        let entry = unsafe { library.get::<ccd_negotiate_fn>(c"ccd_negotiate") };
        let entry = entry.map(|symbol| *symbol).map_err(|_| LoadError::NoSymbol { path: full.clone() });
        std::mem::forget(library);
        Ok(Self { negotiate: entry?, name: path.to_string_lossy().into_owned(), wanted: None })
    }

    /// The function itself, for whoever tries what a host never does.
    #[must_use]
    pub fn negotiate_fn(&self) -> ccd_negotiate_fn {
        self.negotiate
    }

    /// The entry of a driver that was found by its manifest.
    ///
    /// # Errors
    /// It cannot be used, or does not load.
    pub fn found(found: &Found) -> Result<Self, LoadError> {
        let manifest = found.manifest.as_ref().map_err(LoadError::clone)?;
        if let Some(why) = &found.refused {
            return Err(why.clone());
        }
        let entry = Self::load(&found.library().unwrap_or_default(), "")?;
        Ok(Self { wanted: Some(manifest.id.clone()), ..entry })
    }

    /// Agree on a version of the contract.
    ///
    /// # Errors
    /// It speaks another version, refuses, or answers what cannot be.
    pub fn negotiate(&self) -> Result<Accepted, LoadError> {
        let accepted = self.offer(0)?;
        match &self.wanted {
            Some(wanted) if *wanted != accepted.info.id => Err(LoadError::WrongId {
                path: PathBuf::from(&self.name),
                theirs: accepted.info.id,
                wanted: wanted.clone(),
            }),
            _ => Ok(accepted),
        }
    }

    /// Agree, but only to look at it: it is asked to start no hardware.
    ///
    /// # Errors
    /// As for [`Entry::negotiate`].
    pub fn scan(&self) -> Result<DriverInfo, LoadError> {
        self.offer(CCD_OFFER_SCAN).map(|accepted| accepted.info)
    }

    fn offer(&self, flags: u32) -> Result<Accepted, LoadError> {
        let path = to_c(&self.name).ok_or_else(|| broken(&self.name, "its name holds a NUL"))?;
        let offer = ccd_offer {
            size: size_of::<ccd_offer>() as u32,
            abi_min: ABI_MIN,
            abi_max: ABI_MAX,
            flags,
            host_name: c"callcore".as_ptr(),
            host_version: HOST_VERSION.as_ptr(),
            driver_path: path.as_ptr(),
        };
        let mut accept = ccd_accept::EMPTY;
        accept.size = size_of::<ccd_accept>() as u32;
        // SAFETY: both structs are whole and live through the call.
        let status = unsafe { (self.negotiate)(&raw const offer, &raw mut accept) };
        match status {
            CCD_OK => read_accept(&self.name, &accept),
            CCD_E_VERSION => Err(wrong_abi(&self.name, &accept)),
            code => Err(LoadError::Refused {
                driver: self.name.clone(),
                what: "negotiate",
                text: "no reason given".to_owned(),
                code,
                vendor_code: 0,
            }),
        }
    }
}

const HOST_VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(text) => text,
        Err(_) => c"",
    };

/// The loader's words, and in particular the one thing that vendors forget.
fn unloadable(path: &Path, text: String) -> LoadError {
    let path = path.to_owned();
    let symbol = text.split_once("undefined symbol: ").map(|(_, rest)| rest);
    match symbol.and_then(|rest| rest.split([',', ' ', '\n']).next()) {
        Some(symbol) => LoadError::MissingSymbol { path, symbol: symbol.to_owned() },
        None => LoadError::Unloadable { path, text },
    }
}

fn wrong_abi(driver: &str, accept: &ccd_accept) -> LoadError {
    let theirs = if accept.abi == 0 { "it does not say which".to_owned() } else { version(accept.abi) };
    LoadError::WrongAbi { driver: driver.to_owned(), theirs, ours: AbiRange::OURS.to_string() }
}

fn read_accept(driver: &str, accept: &ccd_accept) -> Result<Accepted, LoadError> {
    if !(ABI_MIN..=ABI_MAX).contains(&accept.abi) {
        return Err(wrong_abi(driver, accept));
    }
    // SAFETY: an accepted offer comes with static strings and a static table that says its size.
    let (id, name, vendor, version, vt) = unsafe {
        let vt = copy_table::<ccd_driver_vt>(accept.vt.cast());
        (from_c(accept.id), from_c(accept.name), from_c(accept.vendor), from_c(accept.version), vt)
    };
    let vt = vt.ok_or_else(|| broken(driver, "it accepts, but gives no table"))?;
    if vt.create.is_none() || vt.destroy.is_none() || vt.enumerate.is_none() || vt.open.is_none() {
        return Err(broken(driver, "its table lacks create, destroy, enumerate or open"));
    }
    if vt.close.is_none() || vt.extension.is_none() {
        return Err(broken(driver, "its table lacks close or extension"));
    }
    let info = DriverInfo {
        id,
        name,
        vendor,
        version,
        abi: accept.abi,
        is_single: accept.flags & CCD_ACCEPT_SINGLE != 0,
    };
    Ok(Accepted { info, driver: driver.to_owned(), vt })
}

/// What a driver says of its configuration.
pub(super) fn schema(vt: &ccd_driver_vt) -> Option<String> {
    // SAFETY: a static string or NULL.
    let text = unsafe { from_c(vt.config_schema?()) };
    (!text.is_empty()).then_some(text)
}

/// A driver that has agreed and does not run yet.
#[derive(Clone)]
pub struct Accepted {
    /// Who it is.
    pub info: DriverInfo,
    driver: String,
    vt: ccd_driver_vt,
}

impl Accepted {
    /// The JSON Schema of its devices' configuration, if it gives one.
    #[must_use]
    pub fn schema(&self) -> Option<String> {
        schema(&self.vt)
    }

    /// Let it run; what it says that is not a device's comes to `host`.
    ///
    /// # Errors
    /// It refuses, in its own words.
    pub fn create(&self, host: Arc<dyn Host>) -> Result<Box<dyn Driver>, LoadError> {
        let host = HostTable::new(host, self.info.abi);
        Ok(Box::new(RawDriver::create(self.info.clone(), &self.driver, self.vt, host)?))
    }
}
