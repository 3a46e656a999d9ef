//! callcore-server
fn main() {}
