//! callcore-driver-sdk
