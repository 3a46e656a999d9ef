//! callcore
