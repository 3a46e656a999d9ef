//! The simulator as a loadable driver library.
callcore_driver_sdk::export_driver!(callcore_driver_sim::SimDriver);
