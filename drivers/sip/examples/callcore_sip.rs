//! The SIP driver as a loadable library: `libcallcore_sip.so`.

callcore_driver_sdk::export_driver!(callcore_driver_sip::SipDriver);
