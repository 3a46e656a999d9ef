//! Between the C tables and the traits: checks, locks, panics, `DONE`.

mod act;
mod bus;
mod call;
mod device;
mod driver;
mod line;
mod media;

#[cfg(test)]
mod tests;

use crate::driver::Driver;
use crate::host::Host;
use crate::text::fill;
use crate::types::Error;
use callcore_driver_sys::*;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Answers an offer: fills `accept` when the versions meet. Safe to call any number of times.
///
/// # Safety
/// `offer` and `accept` are NULL or point to structs whose `size` member is right.
pub unsafe fn negotiate<D: Driver>(offer: *const ccd_offer, accept: *mut ccd_accept) -> ccd_status {
    if offer.is_null() || accept.is_null() {
        return CCD_E_ARG;
    }
    // SAFETY: not NULL; the sizes are read first and nothing past them is touched.
    unsafe {
        let room = (*accept).size as usize;
        if ((*offer).size as usize) < size_of::<ccd_offer>() || room < size_of::<ccd_accept>() {
            return CCD_E_ARG;
        }
        if (*offer).abi_min > CCD_ABI_1_0 || (*offer).abi_max < CCD_ABI_1_0 {
            (*accept).abi = CCD_ABI_1_0;
            return CCD_E_VERSION;
        }
        *accept = ccd_accept {
            size: size_of::<ccd_accept>() as u32,
            abi: CCD_ABI_1_0,
            id: D::INFO.id.as_ptr(),
            name: D::INFO.name.as_ptr(),
            vendor: D::INFO.vendor.as_ptr(),
            version: D::INFO.version.as_ptr(),
            flags: if D::SINGLE { CCD_ACCEPT_SINGLE } else { 0 },
            reserved: 0,
            vt: driver::Tables::<D>::DRIVER,
        };
    }
    CCD_OK
}

unsafe extern "C" fn negotiate_c<D: Driver>(offer: *const ccd_offer, accept: *mut ccd_accept) -> ccd_status {
    // SAFETY: the caller's promise is passed on.
    unsafe { negotiate::<D>(offer, accept) }
}

/// The entry of a driver that is built into the host, with the type of an exported one.
#[must_use]
pub fn negotiate_fn<D: Driver>() -> ccd_negotiate_fn {
    negotiate_c::<D>
}

/// Runs `body`; a panic becomes `CCD_E_INTERNAL` and a line in the log.
fn guarded<T>(host: Option<&Host>, body: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text");
        let error = Error::new(CCD_E_INTERNAL, format!("the driver panicked: {text}"));
        if let Some(host) = host {
            host.log(1, "driver", &error.text);
        }
        Err(error)
    })
}

/// The status of `result`; the words go to `err` when there is room for them.
///
/// # Safety
/// `err` is NULL or points to a `ccd_error` whose `size` is right.
unsafe fn report(result: Result<(), Error>, err: *mut ccd_error) -> ccd_status {
    let Err(error) = result else { return CCD_OK };
    if !err.is_null() {
        let mut filled =
            ccd_error { code: error.code, vendor_code: error.vendor_code, ..ccd_error::zeroed() };
        fill(&mut filled.text, &error.text);
        // SAFETY: not NULL, and `size` of it is the caller's promise.
        unsafe { put(filled, err) };
    }
    error.code
}

/// Writes `value` over `out`, no more than `out.size` bytes of it, and puts that number in `size`.
///
/// # Safety
/// `T` and the target begin with `size: u32`, and the target has that many bytes.
unsafe fn put<T: Copy>(mut value: T, out: *mut T) {
    let value_at = std::ptr::from_mut(&mut value);
    // SAFETY: both begin with their size; the copy stays inside the smaller of the two.
    unsafe {
        let bytes = (out.cast::<u32>().read() as usize).min(size_of::<T>());
        if bytes >= size_of::<u32>() {
            value_at.cast::<u32>().write(bytes as u32);
            std::ptr::copy_nonoverlapping(value_at.cast::<u8>(), out.cast::<u8>(), bytes);
        }
    }
}

/// The object behind a `void *` of the contract.
///
/// # Safety
/// `at` is NULL or came from `Box::into_raw` of a `T` that is still alive.
unsafe fn object<'a, T>(at: *mut c_void) -> Result<&'a T, Error> {
    // SAFETY: passed on.
    unsafe { at.cast::<T>().as_ref() }.ok_or_else(|| Error::arg("the handle is NULL"))
}
