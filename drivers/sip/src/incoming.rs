//! Requests from outside: who may do what, new calls, and what is refused.

use crate::digest::{Answer, Verdict};
use crate::sdp;
use crate::stack::Stack;
use crate::state::{Call, InviteKey, Phase, Shared};
use crate::{audio, cause, registrar};
use callcore_driver_sdk::{Cause, Event};
use rsipstack::sip::prelude::{HeadersExt, ToTypedHeader};
use rsipstack::sip::{Header, Method, Request, StatusCode, Uri};
use rsipstack::transaction::transaction::Transaction;
use rsipstack::transport::SipAddr;
use std::net::SocketAddr;

/// Methods we take.
pub(crate) const ALLOW: &str = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, REGISTER";

/// A final response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<Header>,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self { status, headers: Vec::new() }
    }

    pub(crate) fn with(mut self, header: Header) -> Self {
        self.headers.push(header);
        self
    }

    async fn send(self, tx: &mut Transaction) {
        // a response that cannot be sent is asked for again by the other side
        let _ = tx.reply_with(StatusCode::from(self.status), self.headers, None).await;
    }
}

/// Where a request came from.
pub(crate) fn source_of(tx: &Transaction) -> Option<SipAddr> {
    tx.connection.as_ref().and_then(|connection| connection.get_remote_addr().cloned())
}

/// Takes a request that begins a transaction.
pub(crate) async fn handle(stack: Stack, mut tx: Transaction) {
    let request = &tx.original;
    let Some(source) = source_of(&tx) else { return };
    let to_tag = request.to_header().ok().and_then(|to| to.tag().ok().flatten());
    let reply = match unfit(request) {
        Some(reply) => reply,
        None if to_tag.is_some() => return in_dialog(stack, tx).await,
        None => match request.method {
            Method::Invite => return invite(stack, tx, &source).await,
            Method::Register => registrar::register(&stack.shared, request, &source),
            Method::Options => capabilities(200),
            Method::Bye | Method::Info | Method::Update | Method::PRack => Reply::status(481),
            _ => capabilities(405),
        },
    };
    if reply.status >= 400 {
        stack.shared.state.lock().counts.refused += 1;
    }
    reply.send(&mut tx).await;
}

/// What we can do (RFC 3261 §11.2).
pub(crate) fn capabilities(status: u16) -> Reply {
    Reply::status(status)
        .with(Header::Allow(ALLOW.into()))
        .with(Header::Accept("application/sdp, application/dtmf-relay".into()))
}

/// Checks of RFC 3261 §8.2 that come before everything else.
fn unfit(request: &Request) -> Option<Reply> {
    let whole = request.from_header().is_ok_and(|from| matches!(from.tag(), Ok(Some(_))))
        && request.from_header().is_ok_and(|from| from.typed().is_ok())
        && request.to_header().is_ok_and(|to| to.typed().is_ok())
        && request.call_id_header().is_ok()
        && request
            .cseq_header()
            .is_ok_and(|c| c.seq().is_ok() && c.method().is_ok_and(|m| m == request.method));
    if !whole {
        return Some(Reply::status(400));
    }
    let scheme = request.uri.scheme.as_ref().map(|scheme| scheme.to_string().to_ascii_lowercase());
    if !matches!(scheme.as_deref(), Some("sip" | "sips" | "tel")) {
        return Some(Reply::status(416));
    }
    let required = request.headers.iter().filter_map(|header| match header {
        Header::Require(tags) => Some(tags.value().trim().to_owned()),
        _ => None,
    });
    let required = required.filter(|tags| !tags.is_empty()).collect::<Vec<_>>().join(", ");
    if !required.is_empty() && request.method != Method::Ack {
        return Some(Reply::status(420).with(Header::Unsupported(required.into())));
    }
    None
}

/// Checks who asks. A wrong answer and an unknown user look the same from outside.
pub(crate) fn authenticate(
    shared: &Shared,
    request: &Request,
    address: &str,
    proxy: bool,
) -> Result<(), Reply> {
    let header = request.headers.iter().find_map(|header| match header {
        Header::Authorization(value) => Some(value.value().to_owned()),
        Header::ProxyAuthorization(value) => Some(value.value().to_owned()),
        _ => None,
    });
    let now_ns = shared.host.now_ns();
    let state = &mut *shared.state.lock();
    let mut stale = false;
    if let Some(answer) = header.as_deref().and_then(Answer::parse) {
        let known = shared.config.endpoint(address).filter(|_| answer.username == address);
        let password = known.map_or("", |endpoint| endpoint.password.as_str());
        let method = request.method.to_string();
        let verdict = state.nonces.verify(&answer, &method, &shared.config.realm, password, now_ns);
        match verdict {
            Verdict::Good if known.is_some() => return Ok(()),
            Verdict::Stale => stale = true,
            _ => return Err(Reply::status(403)),
        }
    }
    let challenge = state.nonces.challenge(&shared.config.realm, now_ns, stale);
    Err(if proxy {
        Reply::status(407).with(Header::ProxyAuthenticate(challenge.into()))
    } else {
        Reply::status(401).with(Header::WwwAuthenticate(challenge.into()))
    })
}

/// Who calls, and through what.
struct Caller {
    via: String,
    calling: String,
    name: String,
}

/// The user part, or the number of a `tel:` URI.
pub(crate) fn user_of(uri: &Uri) -> String {
    let user = uri.user().map(str::to_owned);
    let number = user.unwrap_or_else(|| match uri.scheme.as_ref().map(ToString::to_string) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel") => uri.host_with_port.host.to_string(),
        _ => String::new(),
    });
    number.split(';').next().unwrap_or("").to_owned()
}

fn admit(shared: &Shared, request: &Request, source: SocketAddr) -> Result<Caller, Reply> {
    let from = request.from_header().and_then(|from| from.typed()).map_err(|_| Reply::status(400))?;
    let calling = user_of(&from.uri);
    let name = from.display_name.unwrap_or_default().trim_matches('"').to_owned();
    let config = &shared.config;
    if let Some(endpoint) = config.endpoint(&calling) {
        authenticate(shared, request, &endpoint.address, true)?;
        let name = if endpoint.name.is_empty() { name } else { endpoint.name.clone() };
        return Ok(Caller { via: endpoint.address.clone(), calling, name });
    }
    if let Some(trunk) = config.trunk_of(source) {
        // a trunk is trusted to say who calls (RFC 3325)
        let asserted = request.header_value("P-Asserted-Identity").and_then(|value| asserted_user(&value));
        return Ok(Caller { via: trunk.name.clone(), calling: asserted.unwrap_or(calling), name });
    }
    if config.accept_unknown {
        return Ok(Caller { via: String::new(), calling, name });
    }
    Err(Reply::status(403))
}

pub(crate) fn asserted_user(value: &str) -> Option<String> {
    // a quoted name may hold brackets of its own
    let uri = value.rsplit_once('<').map_or(value, |(_, rest)| rest.split('>').next().unwrap_or(rest));
    Uri::try_from(uri).ok().map(|uri| user_of(&uri)).filter(|user| !user.is_empty())
}

async fn invite(stack: Stack, mut tx: Transaction, source: &SipAddr) {
    match new_call(&stack, &tx, source) {
        Ok(mut dialog) => {
            if let Err(error) = dialog.handle(&mut tx).await {
                stack.log(3, &format!("INVITE ended: {error}"));
            }
        }
        Err(reply) => {
            stack.shared.state.lock().counts.refused += 1;
            reply.send(&mut tx).await;
        }
    }
}

fn new_call(
    stack: &Stack,
    tx: &Transaction,
    source: &SipAddr,
) -> Result<rsipstack::dialog::invite_dialog::InviteDialog, Reply> {
    let (shared, request) = (&stack.shared, &tx.original);
    let peer = source.get_socketaddr().map_err(|_| Reply::status(400))?;
    let key = key_of(request).ok_or_else(|| Reply::status(400))?;
    let caller = admit(shared, request, peer)?;
    let remote = read_offer(shared, request)?;
    let state = &mut *shared.state.lock();
    if state.invites.contains(&key) {
        return Err(Reply::status(482));
    }
    let busy = || Reply::status(503).with(Header::RetryAfter("5".to_owned().into()));
    let channel = state.slots.lowest_free().filter(|_| state.media_keeps_up()).ok_or_else(busy)?;
    let contact = stack.contact(source.r#type);
    let made = stack.layer.get_or_create_server_invite(tx, stack.states.clone(), None, Some(contact));
    let dialog = made.map_err(|_| Reply::status(400))?;
    let (id, tag) = (state.new_call(), dialog.id().local_tag);
    state.invites.insert(key.clone());
    state.slots.take(channel, id);
    state.tags.insert(tag.clone(), id);
    state.counts.incoming += 1;
    let called = Some(user_of(&request.uri)).filter(|user| !user.is_empty());
    let to = || request.to_header().ok().and_then(|to| to.uri().ok()).map(|uri| user_of(&uri));
    let incoming = Event::Incoming {
        channel,
        call: id,
        called: called.or_else(to).unwrap_or_default(),
        calling: caller.calling,
        name: caller.name,
        redirecting: redirecting(request),
        via: caller.via,
        complete: true,
    };
    let mut call = Call::new(channel, Phase::Offered, dialog.clone(), tag, remote, key);
    call.incoming = Some(incoming.clone());
    state.calls.insert(id, call);
    state.post(incoming);
    Ok(dialog)
}

fn key_of(request: &Request) -> Option<InviteKey> {
    Some(InviteKey {
        call_id: request.call_id_header().ok()?.value().to_owned(),
        from_tag: request.from_header().ok()?.tag().ok()??.value().to_owned(),
        sequence: request.cseq_header().ok()?.seq().ok()?,
    })
}

/// Who diverted the call here last (RFC 5806).
fn redirecting(request: &Request) -> String {
    let value = request.header_value("Diversion");
    value.and_then(|value| asserted_user(&value)).unwrap_or_default()
}

/// The offer of an INVITE; none is a late offer, which we then make ourselves.
pub(crate) fn read_offer(shared: &Shared, request: &Request) -> Result<Option<sdp::Remote>, Reply> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let kind = request.header_value("Content-Type").or_else(|| request.header_value("c")).unwrap_or_default();
    if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/sdp")) {
        return Err(Reply::status(415).with(Header::Accept("application/sdp".into())));
    }
    audio::read(&request.body, &shared.config).map(Some).map_err(|refused| match refused {
        sdp::Refused::Malformed => Reply::status(400),
        sdp::Refused::NothingCommon => {
            Reply::status(488).with(Header::Warning("304 callcore \"No common codec over RTP/AVP\"".into()))
        }
    })
}

/// A request inside a dialog.
async fn in_dialog(stack: Stack, mut tx: Transaction) {
    let found = stack.layer.match_dialog(&tx);
    let Some(rsipstack::dialog::dialog::Dialog::Invite(mut dialog)) = found else {
        return Reply::status(481).send(&mut tx).await;
    };
    let tag = dialog.id().local_tag;
    let reply = match tx.original.method {
        Method::Bye => return bye(&stack, dialog, tx, &tag).await,
        Method::Options => capabilities(200),
        Method::Info => info(&stack, &tx.original, &tag),
        Method::Update if tx.original.body.is_empty() => Reply::status(200),
        // an offer before the first one is answered (RFC 3311 §5.2)
        Method::Update if !dialog.state().is_confirmed() => Reply::status(491),
        Method::Invite | Method::Update | Method::PRack => {
            if let Err(error) = dialog.handle(&mut tx).await {
                stack.log(4, &format!("{} ended: {error}", tx.original.method));
            }
            return;
        }
        _ => capabilities(405),
    };
    reply.send(&mut tx).await;
}

async fn bye(
    stack: &Stack,
    mut dialog: rsipstack::dialog::invite_dialog::InviteDialog,
    mut tx: Transaction,
    tag: &str,
) {
    let reason = tx.original.header_value("Reason");
    let cause = cause::of_request(reason.as_deref());
    let answered = dialog.state().is_confirmed() || dialog.state().waiting_ack();
    if !answered {
        // the INVITE still waits for its final response (RFC 3261 §15.1.2)
        let _ = dialog.reject(Some(StatusCode::RequestTerminated), None);
        Reply::status(200).send(&mut tx).await;
    } else if let Err(error) = dialog.handle(&mut tx).await {
        stack.log(4, &format!("BYE ended: {error}"));
    }
    stack.gone(tag, cause);
}

/// DTMF by INFO, as older phones send it (`application/dtmf-relay`).
fn info(stack: &Stack, request: &Request, tag: &str) -> Reply {
    let kind = request.header_value("Content-Type").unwrap_or_default();
    if kind.is_empty() && request.body.is_empty() {
        return Reply::status(200);
    }
    if !kind.trim().eq_ignore_ascii_case("application/dtmf-relay") {
        return Reply::status(415).with(Header::Accept("application/dtmf-relay".into()));
    }
    let Some((digit, ms)) = read_relay(&request.body) else { return Reply::status(400) };
    stack.digit(tag, digit, ms);
    Reply::status(200)
}

/// `Signal=5`, `Duration=160`.
pub(crate) fn read_relay(body: &[u8]) -> Option<(u8, u32)> {
    let text = std::str::from_utf8(body).ok()?;
    let value = |key: &str| {
        text.lines().filter_map(|line| line.split_once('=')).find(|(k, _)| k.trim().eq_ignore_ascii_case(key))
    };
    let digit = value("Signal")?.1.trim().to_ascii_uppercase();
    let [digit @ (b'0'..=b'9' | b'*' | b'#' | b'A'..=b'D')] = digit.as_bytes() else { return None };
    let ms = value("Duration").and_then(|(_, ms)| ms.trim().parse().ok()).unwrap_or(0);
    Some((*digit, ms))
}

impl Call {
    pub(crate) fn new(
        channel: u32,
        phase: Phase,
        dialog: rsipstack::dialog::invite_dialog::InviteDialog,
        tag: String,
        remote: Option<sdp::Remote>,
        invite: InviteKey,
    ) -> Self {
        Self {
            channel,
            phase,
            dialog,
            tag,
            remote,
            audio: None,
            held: false,
            holding: false,
            offered: false,
            sdp_version: 1,
            cause: Cause::signalled(16),
            timed_out: false,
            incoming: None,
            invite,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_relayed_digit_is_read() {
        assert_eq!(read_relay(b"Signal=5\r\nDuration=160\r\n"), Some((b'5', 160)));
        assert_eq!(read_relay(b"signal= # \nduration=x"), Some((b'#', 0)));
        assert_eq!(read_relay(b"Signal=55"), None);
    }

    #[test]
    fn numbers_are_found_in_all_their_forms() {
        let user = |text: &str| user_of(&Uri::try_from(text).expect("an address"));
        assert_eq!(user("sip:+4912@h;user=phone"), "+4912");
        assert_eq!(user("tel:+4912"), "+4912");
        assert_eq!(user("sip:h:5060"), "");
        assert_eq!(asserted_user("\"A <B>\" <sip:77@h>").as_deref(), Some("77"));
        assert_eq!(asserted_user("<sip:77@h>").as_deref(), Some("77"));
    }

    proptest! {
        #[test]
        fn any_body_is_read_without_harm(body in prop::collection::vec(any::<u8>(), 0..64), value in "\\PC{0,60}") {
            crate::fuzz::relayed_key(&body);
            crate::fuzz::header(value.as_bytes());
        }
    }
}
