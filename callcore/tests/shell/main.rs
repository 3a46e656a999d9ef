//! The shell with real threads: whole calls through the simulator driver, and drivers that do not keep to the contract.

mod application;
mod audio;
mod calls;
mod centre;
mod clocked;
mod hot_swap;
mod instances;
mod loaded;
mod prompts;
mod rack;
mod rogues;
mod scenarios;
