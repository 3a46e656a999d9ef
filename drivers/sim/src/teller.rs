//! Who calls, on its way over a line: the exchange's modem and the board's, with the wire between them.

use callcore_codec::caller_id::{CallerId, FskReceiver, FskSender, MESSAGE_MAX, Modem, Shape};
use callcore_codec::g711;

/// About -13 dBm0.
const PEAK: i16 = 9_000;

/// A message that an exchange is to send, or that a board has received.
#[derive(Clone, Copy)]
pub(crate) struct Message {
    pub(crate) channel: u32,
    bytes: [u8; MESSAGE_MAX],
    length: usize,
}

impl Message {
    pub(crate) fn new(channel: u32, number: &str, name: &str) -> Self {
        let caller = CallerId { number: number.to_owned(), name: name.to_owned(), ..CallerId::default() };
        Self::of(channel, &caller.encode(Shape::Multiple))
    }

    fn of(channel: u32, message: &[u8]) -> Self {
        let length = message.len().min(MESSAGE_MAX);
        let mut bytes = [0; MESSAGE_MAX];
        bytes[..length].copy_from_slice(&message[..length]);
        Self { channel, bytes, length }
    }

    /// Number and name; none if it was damaged on its way.
    pub(crate) fn caller(&self) -> Option<CallerId> {
        CallerId::decode(&self.bytes[..self.length]).ok()
    }
}

/// The modems at both ends of a line. Nothing in it allocates.
pub(crate) struct Teller {
    sender: Option<FskSender>,
    receiver: FskReceiver,
}

impl Teller {
    pub(crate) fn new() -> Self {
        Self { sender: None, receiver: FskReceiver::new() }
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.sender.is_some()
    }

    pub(crate) fn begin(&mut self, modem: Modem, message: &Message) {
        self.sender = Some(FskSender::new(modem, &message.bytes[..message.length], PEAK));
        self.receiver = FskReceiver::new();
    }

    /// The line was answered: what has not been sent never is.
    pub(crate) fn stop(&mut self) {
        self.sender = None;
    }

    /// The next frame of a line that is being told who calls; what the board has made of it.
    pub(crate) fn fill(&mut self, channel: u32, out: &mut [i16]) -> Option<Message> {
        let sender = self.sender.as_mut()?;
        sender.fill(out);
        if sender.is_over() {
            self.sender = None;
        }
        let mut received = None;
        for sample in out.iter() {
            // the wire is one of A-law
            let sample = g711::ALAW[usize::from(g711::linear_to_alaw(*sample))];
            self.receiver.listen(&[sample], &mut |bytes| received = Some(Message::of(channel, bytes)));
        }
        received
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves: A21.10 in part (the number and the name go over a simulated line as sound)
    #[test]
    fn a_caller_goes_over_a_line_as_sound() {
        for modem in [Modem::V23, Modem::Bell202] {
            let mut teller = Teller::new();
            teller.begin(modem, &Message::new(3, "02087654321", "Anna"));
            let mut frame = [0; 160];
            let received: Vec<Message> = (0..60).filter_map(|_| teller.fill(3, &mut frame)).collect();
            let callers: Vec<_> = received.iter().filter_map(Message::caller).collect();
            assert_eq!((received.len(), callers.len(), teller.is_busy()), (1, 1, false), "{modem:?}");
            assert_eq!((callers[0].number.as_str(), callers[0].name.as_str()), ("02087654321", "Anna"));
        }
    }

    #[test]
    fn an_answer_cuts_it_off() {
        let mut teller = Teller::new();
        teller.begin(Modem::V23, &Message::new(0, "1", ""));
        assert!(teller.fill(0, &mut [0; 160]).is_none());
        teller.stop();
        assert!((0..60).all(|_| teller.fill(0, &mut [0; 160]).is_none()));
    }
}
