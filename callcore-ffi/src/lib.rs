//! callcore-ffi
