//! Tones: what they are in each country, as data, and the generator that makes them sample by sample.
//!
//! The tables write each tone as ITU-T E.180 Supplement 2 does (see [`notation`]). Their values were compared between the
//! supplement as far as its text is public, standards of the countries, and the tables of several telephone systems; the
//! source stands with each country, and where they disagree the supplement was taken and a remark says so.

pub mod country;
pub mod generate;
pub mod notation;

mod africa_america;
mod asia_oceania;
mod europe;
#[cfg(test)]
mod tests;

pub use crate::board::Tone;
pub use country::{Country, TonePlan, UnknownCountry};
pub use generate::ToneGenerator;
pub use notation::{Cadence, CadenceStep, Part};

/// The source of most tables.
const E180: &str = "ITU-T E.180 Suppl. 2";
