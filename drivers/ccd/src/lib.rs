//! `ccd`, the board vendor's tool: checks a driver against `callcore_driver.h`, clause by clause.
//!
//! ```text
//!   ccd check ──▶ run: for each check a child process ──▶ suite: one small function a check ──▶ raw: the driver's tables
//!                  │ live lines, time limits                 │ (in the child)
//!                  ▼                                         ▼ trail: steps, findings, verdict, one JSON line each
//!               report · json · junit ◀──────────────────────┘
//! ```
//!
//! A check that ends its process is a finding, not an accident: the trail tells which step it was in. What a check sees
//! of another check's clause is reported under that one, so that one fault is one line of the report.

pub mod check;
pub mod cli;
pub mod elf;
pub mod fit;
pub mod raw;
pub mod report;
pub mod run;
pub mod schema;
pub mod session;
pub mod suite;
pub mod trail;
pub mod world;
