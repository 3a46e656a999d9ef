//! What is heard, said and recorded: the plan as a value, the difference between two plans, and the engine that carries it out.

pub mod command;
pub mod diff;
pub mod dtmf;
pub mod engine;
pub mod listen;
pub mod plan;
pub mod prompt;
pub mod scene;
pub mod sine;
#[cfg(test)]
mod test_sines;
pub mod tone;

pub use callcore_codec::{Format, Rate};
pub use command::{MediaCommand, MediaEvent};
pub use diff::diff;
pub use engine::{
    DeviceMap, Engine, EngineCommand, EngineLimits, EngineRefusal, EngineRefused, EngineSource, EngineStats,
    FrameIo, Garbage, Hearing, RecordSink, Voice,
};
pub use listen::{
    AnswerReason, AnswerSettings, AnsweredBy, Heard, Listener, Listens, ProgressPlan, VoiceSettings,
};
pub use plan::{
    Hear, Jump, KeyWatch, LegPlan, Levels, Listen, Plan, PlayId, Recording, RecordingId, Role, RoomId, Seat,
    Sound, Tap, Tone, Transport,
};
pub use prompt::Prompt;
pub use tone::{Country, UnknownCountry};
