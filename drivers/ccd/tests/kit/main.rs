//! `ccd check` on drivers that are right, and on drivers that are wrong on purpose.

mod build;
mod faulty;
mod house;
mod tools;
