//! The C face of callcore: who am I talking to. The rest of the application's contract is built on these.

pub mod version;
