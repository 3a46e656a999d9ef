//! What is heard, said and recorded: the plan as a value, the difference between two plans, and the engine that carries it out.

pub mod command;
pub mod diff;
pub mod plan;

pub use command::{MediaCommand, MediaEvent, Source};
pub use diff::diff;
pub use plan::{Hear, LegPlan, Plan, PlayId, Recording, RecordingId, Tone};
