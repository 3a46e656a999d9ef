//! callcore-examples
