//! The traits by the C tables: the only code that calls a driver, or is called by one.

mod command;
mod device;
mod driver;
mod host;
mod load;
mod media;
mod single;

pub(crate) use load::{ABI_MAX, ABI_MIN, version};
pub use load::{Accepted, Entry};

use crate::error::LoadError;
use crate::text::field;
use callcore_driver_sys::*;

fn empty_error() -> ccd_error {
    ccd_error { size: size_of::<ccd_error>() as u32, ..ccd_error::zeroed() }
}

/// What a driver's status means for whoever wanted this.
fn check(driver: &str, what: &'static str, status: ccd_status, err: &ccd_error) -> Result<(), LoadError> {
    if status >= 0 {
        return Ok(());
    }
    let said = field(&err.text);
    Err(LoadError::Refused {
        driver: driver.to_owned(),
        what,
        text: if said.is_empty() { "no reason given".to_owned() } else { said },
        code: status,
        vendor_code: err.vendor_code,
    })
}

fn broken(driver: &str, text: &str) -> LoadError {
    LoadError::Broken { driver: driver.to_owned(), text: text.to_owned() }
}
