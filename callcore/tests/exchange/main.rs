//! The exchange from outside: what it does to the letter in corners, and that nothing a board, a disk or a program says
//! can bring it out of step.
#![cfg(feature = "sim")]

mod bridge;
mod conference;
mod corners;
mod desk;
mod json;
mod keys;
mod lines;
mod losses;
mod monkey;
mod overlap;
mod program;
mod recording;
mod supervise;
mod talk;
mod transfer;
