//! The shell with real threads: whole calls through the simulator driver, and drivers that do not keep to the contract.

mod calls;
mod centre;
mod rogues;
