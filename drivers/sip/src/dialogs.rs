//! What dialogs report, and what it means for calls; new descriptions in a call (re-INVITE, UPDATE).

use crate::audio;
use crate::incoming;
use crate::sdp;
use crate::stack::Stack;
use crate::state::{Phase, State};
use callcore_driver_sdk::{Cause, Event, Supervision};
use rsipstack::dialog::dialog::{DialogState, TerminatedReason, TransactionHandle};
use rsipstack::sip::{Header, Request, Response, StatusCode};

impl Stack {
    /// One report of a dialog.
    pub(crate) fn on_state(&self, dialog_state: DialogState) {
        match dialog_state {
            DialogState::Trying(id) => self.with_call(&id.local_tag, |state, call| {
                let channel = state.calls[&call].channel;
                if state.calls[&call].phase == Phase::Dialling {
                    state.post(Event::Proceeding { channel, call });
                }
            }),
            DialogState::Early(id, response) => self.with_call(&id.local_tag, |state, call| {
                self.on_provisional(state, call, &response);
            }),
            DialogState::Confirmed(id, response) => {
                self.with_call(&id.local_tag, |state, call| self.on_confirmed(state, call, &response));
                let late = self.shared.state.lock().take_unacknowledged(&id.local_tag);
                if let Some(dialog) = late {
                    self.send_bye(0, dialog, 16);
                }
            }
            DialogState::Updated(id, request, handle) => self.on_update(&id.local_tag, &request, handle),
            DialogState::Terminated(id, reason) => {
                self.with_call(&id.local_tag, |state, call| {
                    // an outgoing INVITE ends with its final response, which says more
                    if state.calls[&call].phase != Phase::Dialling {
                        state.disconnect(call, cause_of(&reason));
                    }
                });
                self.shared.state.lock().take_unacknowledged(&id.local_tag);
            }
            DialogState::Info(_, _, handle)
            | DialogState::Options(_, _, handle)
            | DialogState::Message(_, _, handle)
            | DialogState::Notify(_, _, handle)
            | DialogState::Refer(_, _, handle)
            | DialogState::Publish(_, _, handle) => {
                self.answer_later(handle, StatusCode::MethodNotAllowed, None)
            }
            DialogState::Calling(_) | DialogState::WaitAck(_, _) => {}
        }
    }

    fn with_call(&self, tag: &str, body: impl FnOnce(&mut State, u64)) {
        let state = &mut *self.shared.state.lock();
        if let Some(call) = state.tags.get(tag).copied()
            && state.calls.contains_key(&call)
        {
            body(state, call);
        }
    }

    /// 18x: the far end rings or is being looked for; with a description there is something to hear.
    fn on_provisional(&self, state: &mut State, id: u64, response: &Response) {
        let Some(call) = state.calls.get_mut(&id).filter(|call| call.phase == Phase::Dialling) else {
            return;
        };
        let channel = call.channel;
        if let Ok(remote) = audio::read(&response.body, &self.shared.config) {
            call.remote = Some(remote);
            audio::apply(state, id, &self.shared.config);
        }
        let inband = state.calls[&id].audio.as_ref().is_some_and(|audio| audio.attached);
        state.post(match response.status_code.code() {
            180 => Event::Alerting { channel, call: id, inband },
            _ => Event::Progress { channel, call: id, inband },
        });
    }

    /// The ACK of an incoming call, the 200 of an outgoing one, or the end of something in between.
    fn on_confirmed(&self, state: &mut State, id: u64, response: &Response) {
        let Some(call) = state.calls.get_mut(&id) else { return };
        match call.phase {
            Phase::Dialling => self.on_answered(state, id, response),
            Phase::Answering => self.on_acknowledged(state, id),
            Phase::Up if call.offered => self.take_late_answer(state, id),
            // dropped between our 200 and its ACK (RFC 3261 §15)
            Phase::Clearing => self.send_bye(id, call.dialog.clone(), call.cause.q850),
            Phase::Offered | Phase::Up | Phase::Gone => {}
        }
    }

    fn on_answered(&self, state: &mut State, id: u64, response: &Response) {
        let Some(call) = state.calls.get_mut(&id) else { return };
        let early = call.remote.is_some();
        match audio::read(&response.body, &self.shared.config) {
            Ok(remote) => call.remote = Some(remote),
            Err(_) if early => {}
            Err(_) => {
                // the 200 is acknowledged; without a usable answer there is no call (RFC 3261 §13.2.2.4)
                self.send_bye(id, call.dialog.clone(), 65);
                let cause = Cause { vendor_code: 488, ..Cause::signalled(65) };
                return state.disconnect(id, cause);
            }
        }
        call.phase = Phase::Up;
        call.held = call.remote.as_ref().is_some_and(sdp::Remote::is_hold);
        let (channel, held, inband_digits) = (call.channel, call.held, call.has_inband_digits());
        audio::apply(state, id, &self.shared.config);
        let supervision = Supervision::Signalled;
        state.post(Event::Connected {
            channel,
            call: id,
            supervision,
            connected: String::new(),
            inband_digits,
        });
        if held {
            state.post(Event::Held { channel, call: id });
        }
    }

    fn on_acknowledged(&self, state: &mut State, id: u64) {
        let Some(call) = state.calls.get_mut(&id) else { return };
        call.phase = Phase::Up;
        let (channel, late, inband_digits) = (call.channel, call.offered, call.has_inband_digits());
        let supervision = Supervision::Signalled;
        state.post(Event::Connected {
            channel,
            call: id,
            supervision,
            connected: String::new(),
            inband_digits,
        });
        if late {
            self.take_late_answer(state, id);
        } else if state.calls[&id].remote.as_ref().is_some_and(sdp::Remote::is_hold) {
            self.note_hold(state, id);
        }
    }

    /// The answer to an offer of ours comes in the ACK.
    fn take_late_answer(&self, state: &mut State, id: u64) {
        let Some(call) = state.calls.get_mut(&id) else { return };
        call.offered = false;
        let answer = call.dialog.last_remote_ack().map(|ack| ack.body).unwrap_or_default();
        match audio::read(&answer, &self.shared.config) {
            Ok(remote) => call.remote = Some(remote),
            Err(_) if call.remote.is_some() => {}
            Err(_) => {
                self.send_bye(id, call.dialog.clone(), 65);
                return state.disconnect(id, Cause::signalled(65));
            }
        }
        audio::apply(state, id, &self.shared.config);
        self.note_hold(state, id);
    }

    /// Tells the host when the far end's hold has changed.
    pub(crate) fn note_hold(&self, state: &mut State, id: u64) {
        let Some(call) = state.calls.get_mut(&id) else { return };
        let held = call.remote.as_ref().is_some_and(sdp::Remote::is_hold);
        let channel = call.channel;
        if held != std::mem::replace(&mut call.held, held) {
            state.post(if held {
                Event::Held { channel, call: id }
            } else {
                Event::Retrieved { channel, call: id }
            });
        }
    }

    /// A new description from the far end.
    fn on_update(&self, tag: &str, request: &Request, handle: TransactionHandle) {
        let remote = match incoming::read_offer(&self.shared, request) {
            Ok(remote) => remote,
            Err(reply) => {
                let headers = Some(reply.headers);
                return self.answer_with(handle, StatusCode::from(reply.status), headers, None);
            }
        };
        let state = &mut *self.shared.state.lock();
        let found =
            state.tags.get(tag).copied().and_then(|id| state.calls.get_mut(&id).map(|call| (id, call)));
        let Some((id, call)) = found.filter(|(_, call)| call.phase == Phase::Up) else {
            return self.answer_later(handle, StatusCode::CallTransactionDoesNotExist, None);
        };
        if call.offered {
            return self.answer_later(handle, StatusCode::RequestPending, None);
        }
        call.sdp_version += 1;
        call.offered = remote.is_none();
        if let Some(remote) = remote {
            call.remote = Some(remote);
        }
        let late = call.offered;
        let description = audio::describe(state, id, &self.shared);
        if !late {
            audio::apply(state, id, &self.shared.config);
            self.note_hold(state, id);
        }
        self.answer_later(handle, StatusCode::OK, description);
    }

    fn answer_later(&self, handle: TransactionHandle, status: StatusCode, sdp: Option<String>) {
        self.answer_with(handle, status, None, sdp);
    }

    fn answer_with(
        &self,
        handle: TransactionHandle,
        status: StatusCode,
        headers: Option<Vec<Header>>,
        sdp: Option<String>,
    ) {
        let mut headers = headers.unwrap_or_default();
        if sdp.is_some() {
            headers.push(audio::content_type());
        }
        headers.push(Header::Allow(incoming::ALLOW.into()));
        self.runtime.spawn(async move {
            // the transaction that asked may be over
            let _ = handle.respond(status, Some(headers), sdp.map(String::into_bytes)).await;
        });
    }
}

fn cause_of(reason: &TerminatedReason) -> Cause {
    match reason {
        TerminatedReason::UacCancel | TerminatedReason::UacBye | TerminatedReason::UasBye => {
            Cause::signalled(16)
        }
        // recovery on timer expiry: the ACK never came
        TerminatedReason::Timeout => Cause { vendor_code: 408, ..Cause::signalled(102) },
        TerminatedReason::UacOther(status)
        | TerminatedReason::UasOther(status)
        | TerminatedReason::ProxyError(status) => crate::cause::of_response(status.code(), None),
        _ => Cause::signalled(31),
    }
}
