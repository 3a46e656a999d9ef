//! The bytes of a caller's number: GR-30 and ETSI EN 300 659-3, with their checksum.

/// Most bytes of a message: type, length, 255 of content, checksum.
pub const MESSAGE_MAX: usize = 258;

const SINGLE: u8 = 0x04;
const MULTIPLE: u8 = 0x80;
const TIME: u8 = 0x01;
const NUMBER: u8 = 0x02;
const NO_NUMBER: u8 = 0x04;
const NAME: u8 = 0x07;
const NO_NAME: u8 = 0x08;
/// Longest number and name that telephones show.
const NUMBER_MAX: usize = 20;
const NAME_MAX: usize = 15;
/// Why there is none.
const WITHHELD: u8 = b'P';
const UNKNOWN: u8 = b'O';

/// Who calls. Numbers and names are printable ASCII: Latin letters and digits are what telephones show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallerId {
    /// Month, day, hour, minute, `MMDDhhmm`, local time; empty: unknown.
    pub time: String,
    /// The number, up to 20 digits; empty when there is none to show.
    pub number: String,
    /// The name, up to 15 characters; empty when there is none to show.
    pub name: String,
    /// There is a number, and the caller does not want it to be shown.
    pub is_withheld: bool,
}

/// Which of the two formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Single data message format: date and number.
    Single,
    /// Multiple data message format: a name besides.
    Multiple,
}

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// Bytes were lost or damaged.
    #[error("the checksum does not fit")]
    Checksum,
    /// A length that leads beyond the end.
    #[error("a length leads beyond the end of the message")]
    Length,
    /// Another message than one about a caller.
    #[error("type {0:#04x} is no message about a caller")]
    Type(u8),
}

impl CallerId {
    /// As the bytes that go out. What telephones cannot show is left out, and what is too long is cut.
    #[must_use]
    pub fn encode(&self, shape: Shape) -> Vec<u8> {
        let (number, name) = (shown(&self.number, NUMBER_MAX), shown(&self.name, NAME_MAX));
        let time = if self.time.len() == 8 { shown(&self.time, 8) } else { vec![b'0'; 8] };
        let mut content = Vec::new();
        match shape {
            Shape::Single => {
                content.extend(time);
                content.extend(if number.is_empty() { vec![self.why_none()] } else { number });
            }
            Shape::Multiple => {
                parameter(&mut content, TIME, &time);
                match number.is_empty() {
                    true => parameter(&mut content, NO_NUMBER, &[self.why_none()]),
                    false => parameter(&mut content, NUMBER, &number),
                }
                match name.is_empty() {
                    true => parameter(&mut content, NO_NAME, &[self.why_none()]),
                    false => parameter(&mut content, NAME, &name),
                }
            }
        }
        let kind = if shape == Shape::Single { SINGLE } else { MULTIPLE };
        let mut bytes = vec![kind, content.len() as u8];
        bytes.extend(content);
        bytes.push(checksum(&bytes));
        bytes
    }

    fn why_none(&self) -> u8 {
        if self.is_withheld { WITHHELD } else { UNKNOWN }
    }

    /// From the bytes that came.
    ///
    /// # Errors
    /// They are damaged, or tell of something else.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        let (&kind, &length) = match bytes {
            [kind, length, ..] => (kind, length),
            _ => return Err(MessageError::Length),
        };
        let end = 2 + usize::from(length);
        let content = bytes.get(2..end).filter(|_| bytes.len() == end + 1).ok_or(MessageError::Length)?;
        if checksum(&bytes[..end]) != bytes[end] {
            return Err(MessageError::Checksum);
        }
        match kind {
            SINGLE => Ok(Self::single(content)),
            MULTIPLE => Self::multiple(content),
            other => Err(MessageError::Type(other)),
        }
    }

    fn single(content: &[u8]) -> Self {
        let (time, number) = content.split_at(content.len().min(8));
        match number {
            [WITHHELD | UNKNOWN] => {
                Self { time: text(time), is_withheld: number == [WITHHELD], ..Self::default() }
            }
            _ => Self { time: text(time), number: text(number), ..Self::default() },
        }
    }

    fn multiple(content: &[u8]) -> Result<Self, MessageError> {
        let mut found = Self::default();
        let mut rest = content;
        while let [kind, length, after @ ..] = rest {
            let value = after.get(..usize::from(*length)).ok_or(MessageError::Length)?;
            rest = &after[value.len()..];
            match *kind {
                TIME => found.time = text(value),
                NUMBER => found.number = text(value),
                NAME => found.name = text(value),
                NO_NUMBER => found.is_withheld |= value == [WITHHELD],
                // parameters of later editions, and those of one country
                _ => {}
            }
        }
        if rest.is_empty() { Ok(found) } else { Err(MessageError::Length) }
    }
}

fn parameter(content: &mut Vec<u8>, kind: u8, value: &[u8]) {
    content.extend([kind, value.len() as u8]);
    content.extend(value);
}

fn shown(text: &str, max: usize) -> Vec<u8> {
    text.bytes().filter(|byte| (b' '..=b'~').contains(byte)).take(max).collect()
}

fn text(bytes: &[u8]) -> String {
    bytes.iter().filter(|byte| (b' '..=b'~').contains(*byte)).map(|byte| char::from(*byte)).collect()
}

/// All bytes of a message together are 0 modulo 256.
fn checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)).wrapping_neg()
}
