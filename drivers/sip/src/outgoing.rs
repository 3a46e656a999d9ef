//! What the host asks for: calls out, answers, ends, hold.

use crate::audio;
use crate::cause;
use crate::stack::Stack;
use crate::state::{Call, InviteKey, Phase, State};
use crate::trunks;
use callcore_driver_sdk::{Cause, Error, Event, Make, Step};
use rsipstack::dialog::authenticate::Credential;
use rsipstack::dialog::invitation::{InviteAsyncResult, InviteOption};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Auth, Header, StatusCode, Uri};
use rsipstack::transport::SipAddr;
use std::time::Duration;

/// Where a call goes.
struct Target {
    callee: Uri,
    destination: Option<SipAddr>,
    credential: Option<Credential>,
}

fn no_call(call: u64) -> Error {
    Error::gone(format!("there is no call {call}"))
}

impl Stack {
    fn target(&self, state: &State, make: &Make<'_>) -> Result<Target, Error> {
        let config = &self.shared.config;
        let via = match make.via {
            Some(via) if !via.is_empty() => via,
            _ if config.endpoint(make.called).is_some() => make.called,
            _ => match config.trunks.as_slice() {
                [only] => only.name.as_str(),
                _ => {
                    return Err(Error::arg(
                        "make: via must name an endpoint or a trunk of the configuration",
                    ));
                }
            },
        };
        if config.endpoint(via).is_some() {
            let binding = state.bindings.get(via, self.shared.host.now_ns());
            let binding =
                binding.ok_or_else(|| Error::gone(format!("endpoint \"{via}\" is not registered")))?;
            let (callee, destination) = (binding.uri.clone(), binding.destination.clone());
            return Ok(Target { callee, destination, credential: None });
        }
        let trunk = config.trunk(via);
        let trunk =
            trunk.ok_or_else(|| Error::arg(format!("make: there is no endpoint or trunk \"{via}\"")))?;
        let callee = trunks::uri_of(trunk, make.called);
        let callee =
            callee.ok_or_else(|| Error::config(format!("trunks: address of \"{via}\" is no SIP address")))?;
        Ok(Target { callee, destination: None, credential: trunks::credential_of(trunk) })
    }

    /// Calls out.
    pub(crate) fn make(&self, channel: u32, id: u64, make: &Make<'_>) -> Result<(), Error> {
        let state = &mut *self.shared.state.lock();
        if state.calls.contains_key(&id) {
            return Err(Error::arg(format!("make: call {id} exists already")));
        }
        if !state.slots.is_free(channel) {
            return Err(Error::busy(format!("channel {channel} has a call or is out of service")));
        }
        let target = self.target(state, make)?;
        let audio = audio::prepare(state, id, self.shared.local.ip())?;
        let offer = audio::first_offer(&audio, &self.shared);
        let option = self.invite_option(&target, make, offer);
        let started = {
            let _inside = self.runtime.enter();
            self.layer.do_invite_async(option, self.states.clone())
        };
        let (dialog, ended) = match started {
            Ok(started) => started,
            Err(error) => {
                state.give_back(audio);
                return Err(Error::io(format!("make: {error}")));
            }
        };
        let tag = dialog.id().local_tag;
        let mut call = Call::new(channel, Phase::Dialling, dialog, tag.clone(), None, InviteKey::default());
        call.audio = Some(audio);
        state.slots.take(channel, id);
        state.tags.insert(tag, id);
        state.calls.insert(id, call);
        state.counts.outgoing += 1;
        state.post(Event::Dialing { channel, call: id });
        let stack = self.clone();
        self.runtime.spawn(async move {
            let result = ended.await;
            stack.on_invite_ended(id, result.ok());
        });
        self.give_up_after(id, make.timeout_ms);
        Ok(())
    }

    fn invite_option(&self, target: &Target, make: &Make<'_>, offer: String) -> InviteOption {
        let mut caller = self.contact(None);
        let user = if make.calling.is_empty() { "anonymous" } else { make.calling };
        caller.auth = Some(Auth { user: user.to_owned(), password: None });
        let transport = target.destination.as_ref().and_then(|destination| destination.r#type);
        InviteOption {
            caller_display_name: (!make.name.is_empty()).then(|| quoted(make.name)),
            caller,
            callee: target.callee.clone(),
            destination: target.destination.clone(),
            offer: Some(offer.into_bytes()),
            contact: self.contact(transport),
            credential: target.credential.clone(),
            headers: Some(vec![Header::Allow(crate::incoming::ALLOW.into())]),
            ..InviteOption::default()
        }
    }

    fn give_up_after(&self, id: u64, timeout_ms: u32) {
        if timeout_ms == 0 {
            return;
        }
        let stack = self.clone();
        self.runtime.spawn(async move {
            tokio::time::sleep(Duration::from_millis(timeout_ms.into())).await;
            let dialog = {
                let state = &mut *stack.shared.state.lock();
                let call = state.calls.get_mut(&id).filter(|call| call.phase == Phase::Dialling);
                call.map(|call| {
                    call.timed_out = true;
                    call.dialog.clone()
                })
            };
            if let Some(dialog) = dialog {
                let _ = dialog.cancel().await;
            }
        });
    }

    /// The INVITE has its final response, or never gets one.
    fn on_invite_ended(&self, id: u64, result: Option<InviteAsyncResult>) {
        let response = result.and_then(Result::ok).and_then(|(_, response)| response);
        let state = &mut *self.shared.state.lock();
        let Some(call) = state.calls.get(&id) else { return };
        let timed_out = call.timed_out;
        match (call.phase, response) {
            (Phase::Clearing, _) => state.release(id),
            // 19: no answer, although the user was alerted
            (Phase::Dialling, _) if timed_out => {
                state.disconnect(id, Cause { vendor_code: 487, ..Cause::signalled(19) });
            }
            // a 2xx comes as a state of the dialog
            (Phase::Dialling, Some(response)) if response.status_code.code() >= 300 => {
                let reason = response.header_value("Reason");
                state.disconnect(id, cause::of_response(response.status_code.code(), reason.as_deref()));
            }
            (Phase::Dialling, None) => state.disconnect(id, cause::of_response(408, None)),
            _ => {}
        }
    }

    /// Tells the caller how far its call is.
    pub(crate) fn accept(&self, id: u64, step: Step) -> Result<(), Error> {
        let state = &mut *self.shared.state.lock();
        let call = state.calls.get(&id).ok_or_else(|| no_call(id))?;
        if call.phase != Phase::Offered {
            return Err(Error::state(format!("call {id} is not waiting to be answered")));
        }
        let failed = |error: rsipstack::Error| Error::io(format!("accept: {error}"));
        match step {
            // 100 is sent at once
            Step::SetupAck | Step::Proceeding => Ok(()),
            Step::Progress if call.remote.is_some() => {
                audio::open(state, id, self.shared.local.ip())?;
                audio::apply(state, id, &self.shared.config);
                let body = audio::describe(state, id, &self.shared).map(String::into_bytes);
                state.calls[&id].dialog.ringing(Some(vec![audio::content_type()]), body).map_err(failed)
            }
            // without an offer there is nothing to answer in a 183
            Step::Alerting | Step::Progress => call.dialog.ringing(None, None).map_err(failed),
        }
    }

    /// Answers.
    pub(crate) fn answer(&self, id: u64) -> Result<(), Error> {
        let state = &mut *self.shared.state.lock();
        let call = state.calls.get(&id).ok_or_else(|| no_call(id))?;
        if call.phase != Phase::Offered {
            return Err(Error::state(format!("call {id} is not waiting to be answered")));
        }
        audio::open(state, id, self.shared.local.ip())?;
        audio::apply(state, id, &self.shared.config);
        let Some(call) = state.calls.get_mut(&id) else { return Err(no_call(id)) };
        call.offered = call.remote.is_none();
        call.phase = Phase::Answering;
        let body = audio::describe(state, id, &self.shared).map(String::into_bytes);
        let headers = vec![audio::content_type(), Header::Allow(crate::incoming::ALLOW.into())];
        let sent = state.calls[&id].dialog.accept(Some(headers), body);
        sent.map_err(|error| Error::io(format!("answer: {error}")))
    }

    /// Ends a call in whatever way its phase needs.
    pub(crate) fn clear(&self, id: u64, q850: u16) -> Result<(), Error> {
        let state = &mut *self.shared.state.lock();
        let call = state.calls.get_mut(&id).ok_or_else(|| no_call(id))?;
        let phase = call.phase;
        if phase == Phase::Gone {
            state.release(id);
            return Ok(());
        }
        if phase == Phase::Clearing {
            return Ok(());
        }
        call.cause = Cause::signalled(q850);
        call.phase = Phase::Clearing;
        let dialog = call.dialog.clone();
        state.stop_audio(id);
        match phase {
            Phase::Offered => {
                let _ =
                    dialog.reject(Some(StatusCode::from(cause::status_of_q850(q850))), Some(reason(q850)));
                state.release(id);
            }
            Phase::Up => self.send_bye(id, dialog, q850),
            Phase::Dialling => {
                self.runtime.spawn(async move {
                    // its outcome is the INVITE's
                    let _ = dialog.cancel().await;
                });
                self.release_later(id);
            }
            // the BYE has to wait for the ACK
            Phase::Answering => self.release_later(id),
            Phase::Gone | Phase::Clearing => {}
        }
        Ok(())
    }

    /// Sends a BYE; the call is released when it is answered.
    pub(crate) fn send_bye(&self, id: u64, dialog: InviteDialog, q850: u16) {
        let stack = self.clone();
        self.runtime.spawn(async move {
            let bye = dialog.bye_with_reason(reason(q850));
            if let Err(error) = bye.await {
                stack.log(3, &format!("BYE: {error}"));
            }
            stack.shared.state.lock().release_cleared(id);
        });
        self.release_later(id);
    }

    /// Puts the far end on hold, or takes it back.
    pub(crate) fn hold(&self, id: u64, on: bool) -> Result<(), Error> {
        let state = &mut *self.shared.state.lock();
        let call = state.calls.get_mut(&id).ok_or_else(|| no_call(id))?;
        if call.phase != Phase::Up {
            return Err(Error::state(format!("call {id} is not connected")));
        }
        if call.offered {
            return Err(Error::busy(format!("call {id} is being changed; try again")));
        }
        if call.holding == on {
            return Ok(());
        }
        (call.holding, call.offered) = (on, true);
        call.sdp_version += 1;
        let dialog = call.dialog.clone();
        let offer = audio::describe(state, id, &self.shared).unwrap_or_default();
        let stack = self.clone();
        self.runtime.spawn(async move {
            let headers = Some(vec![audio::content_type()]);
            let response = dialog.reinvite_with_glare_retry(headers, Some(offer.into_bytes()), 3).await;
            stack.on_hold_answered(id, on, response.ok().flatten());
        });
        Ok(())
    }

    fn on_hold_answered(&self, id: u64, on: bool, response: Option<rsipstack::sip::Response>) {
        let state = &mut *self.shared.state.lock();
        let Some(call) = state.calls.get_mut(&id) else { return };
        call.offered = false;
        let answer = response.filter(|response| response.status_code.code() < 300);
        match answer.and_then(|response| audio::read(&response.body, &self.shared.config).ok()) {
            Some(remote) => call.remote = Some(remote),
            None => {
                call.holding = !on;
                self.log(2, "the far end did not take the hold");
            }
        }
        audio::apply(state, id, &self.shared.config);
    }
}

fn reason(q850: u16) -> String {
    format!("Q.850;cause={q850}")
}

/// A display name as a quoted string (RFC 3261 §25.1).
fn quoted(name: &str) -> String {
    name.chars().filter(|c| !c.is_control() && *c != '"' && *c != '\\').collect()
}
