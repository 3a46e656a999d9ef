//! Every state of a leg against every board event: the fact, and the next state, to the letter.

use super::{CallId, Leg, LegFact, LegState};
use crate::base::Instant;
use crate::board::{BoardCall, BoardEvent, Cause, ChannelId, DeviceId, Digit, Incoming, Supervision};

const CHANNEL: ChannelId = ChannelId::new(0, 3);
const CALL: BoardCall = BoardCall(7);
const WHEN: Instant = Instant::from_millis(5);
/// The cause in events, and the one the leg failed or was dropped with before.
const SAID: Cause = Cause::USER_BUSY;
const EARLIER: Cause = Cause::NO_ANSWER;

fn leg(state: LegState, incoming: bool) -> Leg {
    Leg { channel: CHANNEL, board_call: CALL, incoming, state, ..Leg::blank(CallId::NONE) }
}

const RINGS: LegState = LegState::Alerting { inband: false };
const SOUNDS: LegState = LegState::Alerting { inband: true };
const FAILED: LegState = LegState::Failed { cause: EARLIER };
const GONE: LegState = LegState::Failed { cause: SAID };
const RELEASING: LegState = LegState::Releasing { cause: EARLIER };

/// The events that can mean something to a leg, in the order of the columns below.
fn events() -> [BoardEvent; 9] {
    let (channel, call) = (CHANNEL, CALL);
    [
        BoardEvent::Alerting { channel, call, inband: false },
        BoardEvent::Alerting { channel, call, inband: true },
        BoardEvent::Progress { channel, call, inband: true },
        BoardEvent::Connected { channel, call, supervision: Supervision::Signalled, inband_digits: false },
        BoardEvent::Held { channel, call },
        BoardEvent::Retrieved { channel, call },
        BoardEvent::Digit { channel, call, digit: Digit::new(b'5').expect("a key") },
        BoardEvent::Disconnected { channel, call, cause: SAID },
        BoardEvent::Released { channel, call, cause: SAID },
    ]
}

type Cell = Option<(LegFact, LegState)>;

fn alerting(inband: bool) -> Cell {
    Some((LegFact::Alerting { inband }, LegState::Alerting { inband }))
}

const ANSWERED: Cell = Some((LegFact::Answered { supervision: Supervision::Signalled }, LegState::Connected));
const HELD: Cell = Some((LegFact::Held, LegState::Hold));
const RETRIEVED: Cell = Some((LegFact::Retrieved, LegState::Connected));
const CLEARED: Cell = Some((LegFact::Disconnected(SAID), GONE));

fn key(stays: LegState) -> Cell {
    Some((LegFact::Digit(Digit::new(b'5').expect("a key")), stays))
}

fn released(cause: Cause, by_us: bool, stays: LegState) -> Cell {
    Some((LegFact::Released { cause, by_us }, stays))
}

/// Proves: A9.4 in part (either side's end is known in every state)
#[test]
fn every_state_knows_its_events_and_no_others() {
    use LegState::{Connected, Hold, Initiated, Queued};
    let free = |state| released(SAID, false, state);
    //  state, incoming   alerting        180 inband      183             connected held  retrieved key   disconnected released
    #[rustfmt::skip]
    let table: [(LegState, bool, [Cell; 9]); 10] = [
        (Initiated, false, [alerting(false), alerting(true), alerting(true), ANSWERED, None, None, None, CLEARED, free(Initiated)]),
        (RINGS,     false, [None,            alerting(true), alerting(true), ANSWERED, None, None, None, CLEARED, free(RINGS)]),
        (SOUNDS,    false, [None,            None,           None,           ANSWERED, None, None, None, CLEARED, free(SOUNDS)]),
        (RINGS,     true,  [None,            None,           None,           ANSWERED, None, None, None, CLEARED, free(RINGS)]),
        (SOUNDS,    true,  [None,            None,           None,           ANSWERED, None, None, None, CLEARED, free(SOUNDS)]),
        (Connected, true,  [None, None, None, None, HELD, None,      key(Connected), CLEARED, free(Connected)]),
        (Queued,    true,  [None, None, None, None, HELD, None,      key(Queued),    CLEARED, free(Queued)]),
        (Hold,      true,  [None, None, None, None, None, RETRIEVED, key(Hold),      CLEARED, free(Hold)]),
        (FAILED,    true,  [None, None, None, None, None, None,      None,           None,    released(EARLIER, false, FAILED)]),
        (RELEASING, true,  [None, None, None, None, None, None,      None,           None,    released(EARLIER, true, RELEASING)]),
    ];
    for (state, incoming, cells) in table {
        for (event, cell) in events().iter().zip(cells) {
            let mut it = leg(state, incoming);
            let fact = it.on_board(WHEN, event);
            let (wanted, next) = cell.map_or((None, state), |(fact, next)| (Some(fact), next));
            assert_eq!((fact, it.state), (wanted, next), "{state:?} on {event:?}");
            let answered_now = matches!(fact, Some(LegFact::Answered { .. }));
            assert_eq!(it.answered, answered_now.then_some(WHEN), "{state:?} on {event:?}");
        }
    }
}

#[test]
fn events_that_are_not_a_legs_change_nothing() {
    let device = DeviceId(0);
    let strange = [
        BoardEvent::DeviceAdded { device, name: "sim".into(), channels: vec![] },
        BoardEvent::DeviceRemoved { device },
        BoardEvent::Lost { device, count: 1 },
        BoardEvent::Replayed { device, rest: true },
        BoardEvent::Service { channel: CHANNEL, up: false },
        BoardEvent::Endpoint { device, address: "a".into(), up: true },
        BoardEvent::Incoming { channel: CHANNEL, call: CALL, incoming: Incoming::default() },
        BoardEvent::Refused { channel: CHANNEL, call: CALL, cause: SAID },
    ];
    for state in [LegState::Initiated, RINGS, SOUNDS, LegState::Connected, LegState::Hold, FAILED, RELEASING]
    {
        for event in &strange {
            let mut it = leg(state, true);
            assert_eq!((it.on_board(WHEN, event), it.state), (None, state), "{event:?}");
        }
    }
}

#[test]
fn a_leg_is_dropped_once_from_any_state() {
    for state in
        [LegState::Initiated, RINGS, SOUNDS, LegState::Connected, LegState::Queued, LegState::Hold, FAILED]
    {
        let mut it = leg(state, false);
        assert!(it.drop_with(SAID), "{state:?}");
        assert_eq!(it.state, LegState::Releasing { cause: SAID });
        assert!(!it.drop_with(EARLIER), "{state:?}");
        assert_eq!(it.state, LegState::Releasing { cause: SAID }, "the first cause stays");
    }
}

#[test]
fn a_queue_takes_only_who_is_connected_and_gives_back_whom_it_took() {
    for state in [LegState::Initiated, RINGS, SOUNDS, LegState::Hold, FAILED, RELEASING] {
        let mut it = leg(state, true);
        it.enqueue();
        assert_eq!(it.state, state);
        it.dequeue();
        assert_eq!(it.state, state);
    }
    let mut it = leg(LegState::Connected, true);
    it.enqueue();
    assert_eq!(it.state, LegState::Queued);
    it.dequeue();
    assert_eq!(it.state, LegState::Connected);
}

#[test]
fn audio_flows_where_the_far_end_answered_or_sounds_before() {
    let media = |state| leg(state, false).has_media();
    let yes = [LegState::Connected, LegState::Hold, LegState::Queued, SOUNDS].map(media);
    assert_eq!(yes, [true; 4]);
    let no = [LegState::Initiated, RINGS, FAILED, RELEASING].map(media);
    assert_eq!(no, [false; 4]);
    let answered = |state| leg(state, false).is_answered();
    assert_eq!([LegState::Connected, LegState::Hold, LegState::Queued].map(answered), [true; 3]);
    assert_eq!([LegState::Initiated, RINGS, SOUNDS, FAILED, RELEASING].map(answered), [false; 5]);
}
