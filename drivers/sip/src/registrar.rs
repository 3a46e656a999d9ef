//! Where the phones are: REGISTER (RFC 3261 §10.3), one contact for each endpoint, the latest.

use crate::incoming::{Reply, authenticate};
use crate::state::{Shared, State};
use callcore_driver_sdk::Event;
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Header, Host, Request, Uri};
use rsipstack::transport::SipAddr;
use std::collections::HashMap;

/// Shortest and longest time a registration is good for, in seconds.
const EXPIRES_MIN_S: u32 = 60;
const EXPIRES_MAX_S: u32 = 7200;
const EXPIRES_DEFAULT_S: u32 = 3600;
/// A contact is shown to people in 127 bytes; a longer one than this is refused.
const CONTACT_BYTES_MAX: usize = 512;

/// One registered phone.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    pub(crate) uri: Uri,
    /// Where to send instead of the contact: the source of the REGISTER when the contact cannot be reached.
    pub(crate) destination: Option<SipAddr>,
    expires_ns: u64,
    call_id: String,
    sequence: u32,
}

/// All of them, by endpoint. Bounded by the endpoints in the configuration.
#[derive(Debug, Default)]
pub(crate) struct Bindings(HashMap<String, Binding>);

impl Bindings {
    pub(crate) fn get(&self, address: &str, now_ns: u64) -> Option<&Binding> {
        self.0.get(address).filter(|binding| binding.expires_ns > now_ns)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Takes out those whose time is over.
    pub(crate) fn expire(&mut self, now_ns: u64) -> Vec<(String, Binding)> {
        self.0.extract_if(|_, binding| binding.expires_ns <= now_ns).collect()
    }

    /// The registrations as they are now, for `replay`.
    pub(crate) fn all(&self, now_ns: u64) -> impl Iterator<Item = Event> {
        self.0.iter().map(move |(address, binding)| {
            up(address, binding, (binding.expires_ns.saturating_sub(now_ns) / 1_000_000_000) as u32)
        })
    }
}

fn up(address: &str, binding: &Binding, expires_s: u32) -> Event {
    Event::Endpoint { address: address.to_owned(), contact: binding.uri.to_string(), up: true, expires_s }
}

fn down(address: &str, binding: &Binding) -> Event {
    Event::Endpoint { address: address.to_owned(), contact: binding.uri.to_string(), up: false, expires_s: 0 }
}

/// What a REGISTER wants.
enum Wish {
    Show,
    Remove,
    Bind(Uri, u32),
}

/// Answers a REGISTER.
pub(crate) fn register(shared: &Shared, request: &Request, source: &SipAddr) -> Reply {
    let user =
        request.to_header().ok().and_then(|to| to.uri().ok()).and_then(|uri| uri.user().map(str::to_owned));
    let Some(address) = user else { return Reply::status(400) };
    if let Err(reply) = authenticate(shared, request, &address, false) {
        return reply;
    }
    let wish = match read_wish(request) {
        Ok(wish) => wish,
        Err(reply) => return reply,
    };
    let now_ns = shared.host.now_ns();
    let state = &mut *shared.state.lock();
    let (call_id, sequence) = (request.call_id_header().map(|c| c.value().to_owned()), request.cseq_header());
    let (Ok(call_id), Ok(sequence)) = (call_id, sequence.and_then(|c| c.seq())) else {
        return Reply::status(400);
    };
    let old = state.bindings.0.get(&address);
    if old.is_some_and(|old| old.call_id == call_id && old.sequence >= sequence)
        && !matches!(wish, Wish::Show)
    {
        return Reply::status(500);
    }
    match wish {
        Wish::Show => {}
        Wish::Remove => remove(state, &address),
        Wish::Bind(uri, expires_s) => {
            let destination = reach(&uri, source);
            let expires_ns = now_ns + u64::from(expires_s) * 1_000_000_000;
            bind(state, &address, Binding { uri, destination, expires_ns, call_id, sequence }, expires_s);
        }
    }
    listing(state, &address, now_ns)
}

fn remove(state: &mut State, address: &str) {
    if let Some(binding) = state.bindings.0.remove(address) {
        state.post(down(address, &binding));
    }
}

/// A refresh of the same contact is no news.
fn bind(state: &mut State, address: &str, binding: Binding, expires_s: u32) {
    let event = up(address, &binding, expires_s);
    let uri = binding.uri.clone();
    let old = state.bindings.0.insert(address.to_owned(), binding);
    if old.is_none_or(|old| old.uri != uri) {
        state.post(event);
    }
}

fn listing(state: &State, address: &str, now_ns: u64) -> Reply {
    let mut reply = Reply::status(200);
    if let Some(binding) = state.bindings.get(address, now_ns) {
        let left_s = (binding.expires_ns - now_ns).div_ceil(1_000_000_000);
        reply.headers.push(Header::Contact(format!("<{}>;expires={left_s}", binding.uri).into()));
    }
    reply
}

fn read_wish(request: &Request) -> Result<Wish, Reply> {
    let header_s = request.expires_header().map(|expires| expires.value().trim().parse::<u32>());
    let header_s = header_s.transpose().map_err(|_| Reply::status(400))?;
    let Ok(contact) = request.contact_header() else { return Ok(Wish::Show) };
    if contact.value().trim() == "*" {
        return if header_s == Some(0) { Ok(Wish::Remove) } else { Err(Reply::status(400)) };
    }
    let contacts = request.typed_contact_headers().map_err(|_| Reply::status(400))?;
    let contact = contacts.into_iter().next().ok_or_else(|| Reply::status(400))?;
    let expires_s = contact.expires().or(header_s).unwrap_or(EXPIRES_DEFAULT_S);
    if contact.uri.to_string().len() > CONTACT_BYTES_MAX {
        return Err(Reply::status(400));
    }
    match expires_s {
        0 => Ok(Wish::Remove),
        1..EXPIRES_MIN_S => {
            Err(Reply::status(423).with(Header::MinExpires(EXPIRES_MIN_S.to_string().into())))
        }
        _ => Ok(Wish::Bind(contact.uri, expires_s.min(EXPIRES_MAX_S))),
    }
}

/// A contact behind a NAT names an address that is not where the REGISTER came from; then requests go back to where it
/// came from. On a stream they always go back on it (RFC 5626).
fn reach(contact: &Uri, source: &SipAddr) -> Option<SipAddr> {
    let stream = source.r#type.is_some_and(|t| t != rsipstack::sip::Transport::Udp);
    let same = contact.host_with_port.host == source.addr.host;
    let is_ip = matches!(contact.host_with_port.host, Host::IpAddr(_));
    (stream || is_ip && !same).then(|| source.clone())
}

/// Tells the host of registrations that have run out.
pub(crate) fn expire(state: &mut State, now_ns: u64) {
    for (address, binding) in state.bindings.expire(now_ns) {
        state.post(down(&address, &binding));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding(expires_ns: u64) -> Binding {
        let uri = Uri::try_from("sip:1001@10.0.0.5:5062").expect("an address");
        Binding { uri, destination: None, expires_ns, call_id: "c".into(), sequence: 1 }
    }

    #[test]
    fn a_registration_runs_out() {
        let mut bindings = Bindings::default();
        bindings.0.insert("1001".into(), binding(10));
        assert!(bindings.get("1001", 9).is_some() && bindings.get("1001", 10).is_none());
        assert!(bindings.expire(9).is_empty());
        assert_eq!(bindings.expire(10).len(), 1);
        assert_eq!(bindings.count(), 0);
    }

    #[test]
    fn a_contact_behind_a_nat_is_reached_at_its_source() {
        let contact = binding(0).uri;
        let source = |text: &str| SipAddr::from(text.parse::<std::net::SocketAddr>().expect("an address"));
        assert_eq!(reach(&contact, &source("10.0.0.5:9999")), None);
        assert_eq!(reach(&contact, &source("192.0.2.1:9999")), Some(source("192.0.2.1:9999")));
    }
}
