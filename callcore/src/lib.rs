//! Telephony as a library: lines become a call centre.
//!
//! callcore does call control, automatic call distribution (ACD), interactive voice response (IVR), media switching and
//! recording, and keeps the ledger from which every record and figure is derived. Boards come in as drivers that are
//! loaded at run time over a stable C contract (`callcore_driver.h`).
//!
//! # The run loop
//!
//! The heart is [`Exchange`](exchange::Exchange): it has no thread, clock, file or socket. Whoever owns it
//!
//! 1. hands in what happened, with the time: [`handle_input`](exchange::Exchange::handle_input);
//! 2. takes out what is to be done until there is nothing more: [`poll_output`](exchange::Exchange::poll_output);
//! 3. asks when to come back: [`poll_timeout`](exchange::Exchange::poll_timeout), and then calls
//!    [`handle_timeout`](exchange::Exchange::handle_timeout) and goes on at 2.
//!
//! The shell (`callcore::shell`) does this on real threads with real boards; [`sim`] does it in virtual time with simulated
//! lines and people. Both run the same code, so a whole centre can be tried in a unit test:
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! use callcore::sim::{Centre, CentreConfig};
//!
//! // 20 lines, 8 agents; 100 callers within about an hour, who talk two minutes and wait one and a half
//! let config = CentreConfig::support(20, 8, 1).with_calls(100, 100.0, 120_000, 90_000);
//! let mut centre = Centre::new(config).expect("the preset is right");
//! centre.run_to_end().expect("no promise is broken");
//! assert_eq!(centre.records_count(), 100);
//! # }
//! ```
//!
//! # Words
//!
//! | word | meaning |
//! |---|---|
//! | device, channel | a board (or SIP stack), and one port, timeslot or slot of it |
//! | leg | one use of a channel from seizure to release, with a CSTA connection state |
//! | call | a caller's journey: its legs and one controller at a time |
//! | controller | who decides for a call now: route, flow, queue, application, or none (two parties talk) |
//! | fact | something that happened, past tense; the ledger is the list of them |
//! | decision | what a controller wants next |
//! | plan | what the media of a call should be now, as a value: who hears whom, what plays, what is recorded |
//!
//! # Trouble
//!
//! Four kinds are never mixed: [`Refused`](base::Refused) (somebody asked for what cannot be), [`Cause`](board::Cause) (a
//! telephony outcome: data, never an error), `shell::Failed` (the outside world), and a panic (a bug of callcore).

pub mod acd;
pub mod base;
pub mod board;
pub mod call;
pub mod exchange;
pub mod ivr;
pub mod ledger;
pub mod line;
pub mod media;
pub mod record;
pub mod route;
#[cfg(feature = "shell")]
pub mod shell;
#[cfg(feature = "sim")]
pub mod sim;
