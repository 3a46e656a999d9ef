//! The C face from outside: programs in C and C++ built against the header and the library, as an integrator builds them.

mod build;
#[path = "../../../tests/tests/contract/cc.rs"]
mod cc;
mod docs;
mod every;
mod examples;
mod exports;
mod forms;
mod header;
mod interface;
mod kept;
mod lives;
mod packages;
mod programs;
mod reference;
mod rows;
mod sip;
mod table;
