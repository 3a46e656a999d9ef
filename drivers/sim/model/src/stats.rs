//! What the model counted since it began; the identities between the figures are checked by the tests.

/// Counters since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Calls that wanted to come in by themselves (the arrival process).
    pub offered: u64,
    /// Of these, calls that found every trunk busy.
    pub blocked: u64,
    /// Calls that came in, by themselves or told to.
    pub incoming: u64,
    /// Calls the host made.
    pub outgoing: u64,
    /// Incoming calls the host answered.
    pub answered: u64,
    /// Outgoing calls somebody answered.
    pub picked_up: u64,
    /// Callers that hung up before the host answered.
    pub gave_up_ringing: u64,
    /// Callers that hung up in a menu, or while nothing at all was to be heard.
    pub left_in_menu: u64,
    /// Callers that ran out of patience before they heard a person.
    pub abandoned: u64,
    /// Callers that ran out of patience after they had already talked (on hold, in a second queue).
    pub left_on_hold: u64,
    /// Calls that reached a person: callers that heard one at least once.
    pub talked: u64,
    /// Talks ended by the caller.
    pub caller_hung_up: u64,
    /// Calls ended by the person called (an agent, somebody outside).
    pub callee_hung_up: u64,
    /// Calls to a busy phone.
    pub busy: u64,
    /// Calls refused at the phone.
    pub rejected: u64,
    /// Calls that rang until the host's time limit.
    pub not_answered: u64,
    /// Keys pressed.
    pub digits: u64,
    /// Digits the host sent.
    pub digits_sent: u64,
    /// Phones that were put down again because there was no dial tone.
    pub no_dial_tone: u64,
    /// Phones that have shown who calls.
    pub caller_ids_shown: u64,
    /// Calls released: in an empty world, `incoming + outgoing`.
    pub released: u64,
}

impl Stats {
    /// Every counter with its name, in a fixed order.
    pub fn fields(&self) -> [(&'static str, u64); 21] {
        [
            ("offered", self.offered),
            ("blocked", self.blocked),
            ("incoming", self.incoming),
            ("outgoing", self.outgoing),
            ("answered", self.answered),
            ("picked_up", self.picked_up),
            ("gave_up_ringing", self.gave_up_ringing),
            ("left_in_menu", self.left_in_menu),
            ("abandoned", self.abandoned),
            ("left_on_hold", self.left_on_hold),
            ("talked", self.talked),
            ("caller_hung_up", self.caller_hung_up),
            ("callee_hung_up", self.callee_hung_up),
            ("busy", self.busy),
            ("rejected", self.rejected),
            ("not_answered", self.not_answered),
            ("digits", self.digits),
            ("digits_sent", self.digits_sent),
            ("no_dial_tone", self.no_dial_tone),
            ("caller_ids_shown", self.caller_ids_shown),
            ("released", self.released),
        ]
    }
}
