//! `ccd_driver_vt`, function by function.

use super::device::Device;
use super::host::Table;
use super::status_name;
use callcore_driver_sys::table::copy_table;
use callcore_driver_sys::*;
use std::ffi::{CStr, CString, c_char, c_void};
use std::fmt;
use std::ptr::{null_mut, without_provenance};

/// A driver's table, and its instance once it is created.
pub struct Driver {
    pub(super) vt: ccd_driver_vt,
    drv: *mut c_void,
}

// SAFETY: only `extension` and `schema`, which the contract allows from any thread, are called through a shared driver by two
// at a time; that is the caller's to keep.
unsafe impl Sync for Driver {}

/// A refusal in the driver's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: ccd_status,
    /// `err.text`.
    pub text: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text.as_str() {
            "" => write!(f, "{} without a word", status_name(self.status)),
            text => write!(f, "{}: {text}", status_name(self.status)),
        }
    }
}

pub(super) fn empty_error() -> ccd_error {
    ccd_error { size: size_of::<ccd_error>() as u32, ..ccd_error::zeroed() }
}

pub(super) fn checked(status: ccd_status, err: &ccd_error) -> Result<(), Refusal> {
    if status >= 0 { Ok(()) } else { Err(Refusal { status, text: field(&err.text) }) }
}

/// The text of a fixed field.
pub(super) fn field(field: &[c_char]) -> String {
    let bytes: Vec<u8> = field.iter().map(|c| c.cast_unsigned()).take_while(|byte| *byte != 0).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Driver {
    /// # Safety
    /// `vt` is NULL or a static table that says its size.
    pub(super) unsafe fn new(vt: *const ccd_driver_vt) -> Result<Self, String> {
        // SAFETY: passed on.
        let vt = unsafe { copy_table::<ccd_driver_vt>(vt.cast()) };
        let vt = vt.ok_or("it accepts the offer, but gives no table (accept.vt)")?;
        let has = [
            (vt.create.is_some(), "create"),
            (vt.destroy.is_some(), "destroy"),
            (vt.enumerate.is_some(), "enumerate"),
            (vt.open.is_some(), "open"),
            (vt.close.is_some(), "close"),
            (vt.extension.is_some(), "extension"),
        ];
        match has.iter().find(|(is_there, _)| !is_there) {
            Some((_, name)) => Err(format!("ccd_driver_vt.{name} is NULL: every driver has it")),
            None => Ok(Self { vt, drv: null_mut() }),
        }
    }

    /// `create`.
    ///
    /// # Errors
    /// The driver's refusal.
    pub fn create(&mut self, host: &'static Table, is_later: bool) -> Result<(), Refusal> {
        let mut err = empty_error();
        let create = self.vt.create.expect("new has looked");
        // SAFETY: the table lives for ever, the places for the answers through the call.
        checked(unsafe { create(host.c(is_later), &raw mut self.drv, &raw mut err) }, &err)
    }

    /// `create` with NULL for each argument in turn.
    #[must_use]
    pub fn create_null(&self, host: &'static Table) -> [ccd_status; 2] {
        let create = self.vt.create.expect("new has looked");
        let mut drv = null_mut();
        // SAFETY: what a driver does with NULL is the question.
        unsafe {
            [
                create(std::ptr::null(), &raw mut drv, null_mut()),
                create(host.c(false), null_mut(), null_mut()),
            ]
        }
    }

    /// `destroy`.
    pub fn destroy(&mut self) {
        let drv = std::mem::replace(&mut self.drv, null_mut());
        // SAFETY: created, and destroyed once.
        unsafe { self.vt.destroy.expect("new has looked")(drv) };
    }

    /// `enumerate`, into a struct of `size` bytes; whether what lies behind it is untouched.
    pub fn enumerate(&self, index: u32, size: u32) -> (ccd_status, ccd_device_info, bool) {
        let enumerate = self.vt.enumerate.expect("new has looked");
        let mut place = [ccd_device_info::zeroed(); 2];
        place[0].size = size;
        let whole = size_of::<ccd_device_info>();
        let bytes = (size as usize).clamp(4, whole);
        let at = place.as_mut_ptr().cast::<u8>();
        // SAFETY: the place is longer than the size that is said; canaries lie behind it.
        unsafe {
            at.add(bytes).write_bytes(super::CANARY, 2 * whole - bytes);
            let status = enumerate(self.drv, index, at.cast());
            let is_intact = std::slice::from_raw_parts(at.add(bytes), 2 * whole - bytes)
                .iter()
                .all(|b| *b == super::CANARY);
            (status, place[0], is_intact)
        }
    }

    /// `enumerate` into NULL.
    #[must_use]
    pub fn enumerate_null(&self) -> ccd_status {
        // SAFETY: what a driver does with NULL is the question.
        unsafe { self.vt.enumerate.expect("new has looked")(self.drv, 0, null_mut()) }
    }

    /// The devices, by `enumerate` up to its end; `Err` when it has none within `max`.
    ///
    /// # Errors
    /// A sentence for people.
    pub fn devices(&self, max: u32) -> Result<Vec<String>, String> {
        let mut uids = Vec::new();
        for index in 0..max {
            match self.enumerate(index, size_of::<ccd_device_info>() as u32) {
                (CCD_OK, info, _) => uids.push(field(&info.uid)),
                (CCD_E_END, ..) => return Ok(uids),
                (status, ..) => {
                    return Err(format!(
                        "enumerate({index}) returned {}, neither CCD_OK nor CCD_E_END",
                        status_name(status)
                    ));
                }
            }
        }
        Err(format!("enumerate has given {max} devices and no CCD_E_END"))
    }

    /// `open`.
    ///
    /// # Errors
    /// The driver's refusal.
    pub fn open(&self, uid: &str, host: &'static Table) -> Result<Device, Refusal> {
        let uid = CString::new(uid).unwrap_or_default();
        let (mut dev, mut err) = (null_mut(), empty_error());
        let open = self.vt.open.expect("new has looked");
        // SAFETY: the driver is created; uid and the places for the answers live through the call, the table for ever.
        let status = unsafe { open(self.drv, uid.as_ptr(), host.c(false), &raw mut dev, &raw mut err) };
        checked(status, &err)?;
        Ok(Device::new(self, dev))
    }

    /// `open` with NULL for each argument in turn.
    #[must_use]
    pub fn open_null(&self, uid: &str, host: &'static Table) -> [ccd_status; 4] {
        let uid = CString::new(uid).unwrap_or_default();
        let (open, host) = (self.vt.open.expect("new has looked"), host.c(false));
        let (mut dev, none) = (null_mut(), null_mut());
        // SAFETY: what a driver does with NULL is the question.
        unsafe {
            [
                open(null_mut(), uid.as_ptr(), host, &raw mut dev, none),
                open(self.drv, std::ptr::null(), host, &raw mut dev, none),
                open(self.drv, uid.as_ptr(), std::ptr::null(), &raw mut dev, none),
                open(self.drv, uid.as_ptr(), host, null_mut(), none),
            ]
        }
    }

    /// Where `extension` says a table is; 0 for NULL.
    #[must_use]
    pub fn extension(&self, id: &CStr) -> usize {
        self.table(id).addr()
    }

    pub(super) fn table(&self, id: &CStr) -> *const c_void {
        // SAFETY: the driver is created; the id lives through the call.
        unsafe { self.vt.extension.expect("new has looked")(self.drv, id.as_ptr()) }
    }

    /// `extension` with NULL for the id.
    #[must_use]
    pub fn extension_null(&self) -> usize {
        // SAFETY: what a driver does with NULL is the question.
        unsafe { self.vt.extension.expect("new has looked")(self.drv, without_provenance(0)) }.addr()
    }

    /// The first eight bytes of a table: its size and the word behind it.
    #[must_use]
    pub fn table_size(&self, id: &CStr) -> Option<u32> {
        let at = self.table(id);
        // SAFETY: a table that is there begins with its size.
        (!at.is_null()).then(|| unsafe { at.cast::<u32>().read_unaligned() })
    }

    /// `config_schema`; `None` when there is none.
    #[must_use]
    pub fn schema(&self) -> Option<Vec<u8>> {
        // SAFETY: a static string or NULL.
        let at = unsafe { self.vt.config_schema?() };
        // SAFETY: as above.
        (!at.is_null()).then(|| unsafe { CStr::from_ptr(at) }.to_bytes().to_vec())
    }
}
