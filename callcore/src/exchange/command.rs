//! What the application, an agent's screen or an operator can want of the exchange.
//!
//! Commands have a JSON form, `{"command": "send", "call": 72057598332895232, "to": "queue:support"}`; what may be left out
//! there says so.
//!
//! # Consultation and attended transfer
//!
//! There is no command for them: they are made of others. Caller A and desk B are joined, and B asks C before C takes A:
//!
//! 1. [`Command::Unbridge`] A: both hear the hold music;
//! 2. [`Command::Originate`] C, and when it is answered [`Command::Bridge`] B with C: the consultation;
//! 3. [`Command::Unbridge`] B, [`Command::Bridge`] A with C, [`Command::Release`] B: the transfer; or join A with B again.
//!
//! Whoever sits at a telephone whose calls the host runs does it by a flash, without the application; see
//! [`Flash`](crate::line::Flash).
//!
//! A talk that came about without the application, of a queue's agent for instance, is first given to it: by
//! [`Command::Transfer`] to `application` (the agent leaves), or by [`Command::Intercept`].

use super::RequestId;
use super::talk::PlayControl;
use crate::base::limits::{DIGITS_PENDING_MAX, TEXT_LEN_MAX};
use crate::base::{Refused, Why};
use crate::board::{Cause, ChannelId, Digits};
use crate::call::{CallId, Side, Target};
use crate::media::scene::Participation;
use crate::media::{Listens, Role};
use crate::record::NameTemplate;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A wish; accepted or refused at once, completed exactly once.
///
/// [`Event::Done`](super::Event::Done) tells that it is done, or, of one that goes on (`Play`, `Collect`, `Record`,
/// `Bridge`, `Supervise`), that it has begun; an event of its own tells its end, with the command's number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "command", deny_unknown_fields)]
pub enum Command {
    /// Log an agent in.
    AgentLogin {
        /// The agent's id.
        agent: String,
    },
    /// Log an agent out.
    AgentLogout {
        /// The agent's id.
        agent: String,
    },
    /// The agent takes calls.
    AgentReady {
        /// The agent's id.
        agent: String,
    },
    /// The agent takes no calls.
    AgentNotReady {
        /// The agent's id.
        agent: String,
        /// Why.
        reason: String,
    },
    /// Answer a call that was handed to the application.
    Answer {
        /// The call.
        call: CallId,
    },
    /// Play prompts to the caller of a call that the application has, in place of what it hears;
    /// [`Event::Played`](super::Event::Played) tells the end.
    Play {
        /// The call.
        call: CallId,
        /// Names of prompts; `say:TEXT` is spoken, `recording:PATH` is a recording played back, `tone:busy:3000` and
        /// `silence:500` are as long as they say.
        prompts: Vec<Arc<str>>,
    },
    /// Stop what the caller of a call that the application has hears: prompts, or the hold music after a talk. Keys that
    /// are asked for with the prompts are waited for from then on.
    StopPlay {
        /// The call.
        call: CallId,
    },
    /// Ask the caller of a call that the application has for keys; [`Event::Collected`](super::Event::Collected) tells
    /// them. Those it takes are not told one by one.
    Collect {
        /// The call.
        call: CallId,
        /// How many, and how long is waited.
        #[serde(default)]
        collect: CollectOptions,
    },
    /// Ask no longer; the keys so far are told.
    StopCollect {
        /// The call.
        call: CallId,
    },
    /// Record a call that the application has or that is in a conference, or a talk, whatever the policy says of it unless
    /// that is `never`.
    /// [`Event::RecordingStarted`](super::Event::RecordingStarted) names the file. It lasts until it is stopped, its
    /// options end it, or the call is no longer where it was: sent on, joined with another, parted, over.
    Record {
        /// The call.
        call: CallId,
        /// What, and what ends it.
        #[serde(default)]
        record: RecordOptions,
    },
    /// Stop the recording of a call, unless it is the policy's.
    StopRecord {
        /// The call.
        call: CallId,
    },
    /// Join the callers of two calls that the application has: they hear each other, and are recorded if the policy wants
    /// it, as a part of `call`. Their keys are told as before. What is done to a talk (hold, mute, record, supervise)
    /// can be done to it by either call: the other's caller is the other party then.
    Bridge {
        /// A call that is answered.
        call: CallId,
        /// The other, which is answered, too.
        with: CallId,
        /// When one is over the other is, too. If not, which is the default, it is the application's again:
        /// [`Event::Unbridged`](super::Event::Unbridged).
        #[serde(default)]
        ends_together: bool,
    },
    /// Part two calls that were joined: both are the application's again, and hear the hold music.
    Unbridge {
        /// One of them.
        call: CallId,
    },
    /// Send one party of a talk elsewhere without asking there before (blind transfer); the party that does it leaves, and
    /// is released.
    Transfer {
        /// The call.
        call: CallId,
        /// Where the other party goes; `application` gives it to the application.
        to: Target,
        /// Who transfers, and leaves; if not said, the agent or called party.
        #[serde(default = "right")]
        by: Side,
    },
    /// Let a supervisor take part in a talk, or take part in another way. The supervisor's call is one that the
    /// application has; for one who sits at a phone, [`Command::Originate`] makes it.
    /// [`Event::SupervisionEnded`](super::Event::SupervisionEnded) gives it back.
    Supervise {
        /// The call that talks.
        call: CallId,
        /// The supervisor's call.
        by: CallId,
        /// Listen, whisper or barge in.
        how: Participation,
        /// To whom the supervisor whispers; if not said, the agent or called party.
        #[serde(default = "right")]
        party: Side,
    },
    /// A supervisor takes part no longer.
    EndSupervision {
        /// The supervisor's call.
        by: CallId,
    },
    /// A supervisor takes a talk over: one party is released, the other talks with the supervisor from then on. The two
    /// calls are joined as by [`Command::Bridge`], and end together.
    Intercept {
        /// The call that talks.
        call: CallId,
        /// The supervisor's call: one that the application has, or that supervises this talk.
        by: CallId,
        /// Who is released; if not said, the agent or called party.
        #[serde(default = "right")]
        party: Side,
    },
    /// End what an earlier command began: a `Play`, `Collect`, `Record`, `Bridge`, `Supervise`, or an `Originate` that is
    /// not answered yet.
    Cancel {
        /// Its number.
        request: RequestId,
    },
    /// Pause, wind, repeat or speed up what the caller of a call hears of prompts.
    ControlPlay {
        /// The call.
        call: CallId,
        /// What is to happen.
        control: PlayControl,
    },
    /// Connect the caller of a call that the application has to a channel of the program's own, in place of silence, or
    /// disconnect it (`None`). Prompts are heard instead while they last.
    ConnectAudio {
        /// The call.
        call: CallId,
        /// The port's channel.
        #[serde(default)]
        port: Option<ChannelId>,
    },
    /// One party of a talk holds the other, who hears the hold music, or takes it back.
    Hold {
        /// The call.
        call: CallId,
        /// Who holds.
        by: Side,
        /// Hold, or retrieve.
        on: bool,
    },
    /// A party of a conference becomes its moderator, one who talks, or one who only listens.
    ChangeRole {
        /// The party's call.
        call: CallId,
        /// What it is to be; not a coach.
        role: Role,
    },
    /// A party of a talk or of a conference is not heard, nor recorded, or is again.
    Mute {
        /// The call.
        call: CallId,
        /// Who; the caller, in a conference.
        party: Side,
        /// Mute or not.
        on: bool,
    },
    /// Make a party of a call louder or softer, from now on.
    SetGain {
        /// The call.
        call: CallId,
        /// Who; the caller, where there is no talk.
        party: Side,
        /// What it says, for everybody and on recordings: -40 to 24 dB, 0 is as it comes.
        #[serde(default)]
        said_db: i8,
        /// What it hears, likewise.
        #[serde(default)]
        heard_db: i8,
    },
    /// Record silence while something is said that must not be kept, or sound again.
    MaskRecording {
        /// The call.
        call: CallId,
        /// Mask or not.
        on: bool,
    },
    /// Listen for these things in what a party says, and for nothing else; [`Event::Heard`](super::Event::Heard) tells what is heard.
    Listen {
        /// The call.
        call: CallId,
        /// Whom to.
        party: Side,
        /// What for.
        sounds: Listens,
    },
    /// Press keys towards a party of a call: through the board where it can, else as tones.
    SendDigits {
        /// The call.
        call: CallId,
        /// The caller, or the other party of a talk.
        to: Side,
        /// The keys.
        digits: Digits,
    },
    /// Send a call to a flow, a queue, an extension or an outside number.
    Send {
        /// The call.
        call: CallId,
        /// Where to.
        to: Target,
    },
    /// End a call.
    Release {
        /// The call.
        call: CallId,
        /// With which cause; if not said, normal clearing.
        #[serde(default = "normal_clearing")]
        cause: Cause,
    },
    /// Call an outside or inside number from here; the call is the application's when it is answered.
    Originate {
        /// Whom to call: `extension:...` or `number:...`.
        to: Target,
        /// The number to show.
        #[serde(default)]
        calling: String,
    },
    /// Release all calls and take no more; [`Event::Stopped`](super::Event::Stopped) follows when the exchange is empty.
    Stop,
}

impl Command {
    /// The ledger can keep each text that it brings.
    pub(super) fn require_short_texts(&self) -> Result<(), Refused> {
        let short = |text: &str, what: &str| {
            if text.len() <= TEXT_LEN_MAX {
                return Ok(());
            }
            let text = format!("{what} has {} bytes; {TEXT_LEN_MAX} are the most", text.len());
            Err(Refused::new(Why::Argument, text))
        };
        match self {
            Self::AgentNotReady { reason, .. } => short(reason, "the reason"),
            Self::Originate { calling, .. } => short(calling, "the number to show"),
            Self::Play { prompts, .. } | Self::Collect { collect: CollectOptions { prompts, .. }, .. } => {
                prompts.iter().try_for_each(|name| short(name, "the name of a prompt"))
            }
            _ => Ok(()),
        }
    }
}

const fn right() -> Side {
    Side::Right
}

const fn normal_clearing() -> Cause {
    Cause::NORMAL
}

/// What keys are asked for, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CollectOptions {
    /// Played first; may be none.
    pub prompts: Vec<Arc<str>>,
    /// Whether a key ends the prompts. Default: it does.
    pub barge_in: bool,
    /// Keys that were pressed before are forgotten. If not, which is the default, they count, and answer in place of the
    /// prompts if they may end them.
    pub flush: bool,
    /// A terminator that comes before so many keys is passed over. Default: 0.
    pub digits_min: usize,
    /// With so many keys it is complete: 1 to 32, which is the default.
    pub digits_max: usize,
    /// Keys that end it, and are not among those that are told. Default: `#`.
    pub terminators: Digits,
    /// How long to wait for the first key after the prompts: 100 to 600,000 ms. Default: 5,000.
    pub first_digit_ms: u64,
    /// How long to wait for each further key: 100 to 600,000 ms. Default: 3,000.
    pub inter_digit_ms: u64,
}

impl Default for CollectOptions {
    fn default() -> Self {
        Self {
            prompts: Vec::new(),
            barge_in: true,
            flush: false,
            digits_min: 0,
            digits_max: DIGITS_PENDING_MAX,
            terminators: Digits::try_from("#".to_owned()).unwrap_or_default(),
            first_digit_ms: 5_000,
            inter_digit_ms: 3_000,
        }
    }
}

/// What of a caller is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recorded {
    /// What the caller says, on the left track.
    Said,
    /// What the caller hears, on the left track.
    Heard,
    /// What the caller says on the left track; on the right what the other party of the talk says, or, if there is none,
    /// what the caller hears.
    #[default]
    Both,
}

/// What is recorded on demand, and what ends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecordOptions {
    /// The file's name below the folder of recordings, without `.wav`, as in the policy: `voicemail/{dnis}/{date}{time}`.
    /// Default: the policy's.
    pub name: Option<NameTemplate>,
    /// Whose sound. Default: both.
    pub who: Recorded,
    /// It ends after so long: 100 to 86,400,000 ms. Default: never.
    pub max_ms: Option<u64>,
    /// It ends when a caller who is alone has said nothing for so long: 500 to 60,000 ms. Default: never.
    pub silence_ms: Option<u32>,
    /// Keys that end it; they are not told as keys then. Default: none.
    pub keys: Digits,
}
