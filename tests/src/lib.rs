//! callcore-tests
