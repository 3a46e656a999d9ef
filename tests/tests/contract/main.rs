//! The driver contract is kept: what the header is for compilers, its frozen layout, all pairs of minor versions, and what the
//! drivers export.

mod application;
mod cc;
mod exports;
mod header;
mod minors;
