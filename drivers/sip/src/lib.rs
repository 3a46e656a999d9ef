//! callcore-driver-sip
