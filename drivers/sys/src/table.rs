//! Structs from the other side: each says its size, and only that much of it is read.

use crate::*;
use std::ffi::c_void;
use std::ptr;

/// A struct of the contract that begins with `size: u32`.
///
/// # Safety
/// All-zero bytes are a value of the type, which begins with its size and has nothing that needs dropping.
pub unsafe trait Table: Copy {
    /// Nothing in it.
    const EMPTY: Self;
}

macro_rules! tables {
    ($($name:ident)*) => {$(
        // SAFETY: `#[repr(C)]`, `size: u32` first; integers, raw pointers and optional functions, all of which may be zero.
        unsafe impl Table for $name {
            // SAFETY: as above.
            const EMPTY: Self = unsafe { std::mem::zeroed() };
        }
    )*};
}

use act::ccd_act_vt;
tables! { ccd_accept ccd_host ccd_driver_vt ccd_device_vt ccd_call_vt ccd_line_vt ccd_media_vt ccd_bus_vt ccd_act_vt ccd_tick ccd_media_setup }

/// As much of a table as both sides know; what is missing is empty. `None` for NULL or a size that cannot be.
///
/// # Safety
/// `from` is NULL or points to a table of this type whose `size` is right.
#[must_use]
pub unsafe fn copy_table<T: Table>(from: *const c_void) -> Option<T> {
    if from.is_null() {
        return None;
    }
    let mut table = T::EMPTY;
    // SAFETY: the size is the first member; no more than it, and no more than we have room for, is read.
    unsafe {
        let size = (from.cast::<u32>().read_unaligned() as usize).min(size_of::<T>());
        if size < 2 * size_of::<u32>() {
            return None;
        }
        ptr::copy_nonoverlapping(from.cast::<u8>(), ptr::from_mut(&mut table).cast::<u8>(), size);
    }
    Some(table)
}
