//! callcore-driver-sim
