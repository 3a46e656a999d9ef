//! The audio of a call from the signalling side: ports, descriptions, and what the media thread is told.

use crate::config::Config;
use crate::media::Command;
use crate::sdp::{self, Keys, Local, Refused, Remote};
use crate::session::{Session, Terms};
use crate::state::{Audio, Shared, State};
use callcore_codec::jitter::Jitter;
use callcore_driver_sdk::Error;
use rsipstack::sip::Header;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::time::Instant;

/// Opens the ports of a call, unless they are open.
///
/// # Errors
/// `CCD_E_IO` when there are none left.
pub(crate) fn open(state: &mut State, id: u64, ip: IpAddr) -> Result<(), Error> {
    if state.calls.get(&id).is_none_or(|call| call.audio.is_some()) {
        return Ok(());
    }
    let audio = prepare(state, id, ip)?;
    if let Some(call) = state.calls.get_mut(&id) {
        call.audio = Some(audio);
    }
    Ok(())
}

/// Opens ports for a call to be.
///
/// # Errors
/// `CCD_E_IO` when there are none left.
pub(crate) fn prepare(state: &mut State, id: u64, ip: IpAddr) -> Result<Audio, Error> {
    let pair = state.ports.open(ip, Instant::now()).map_err(|error| Error::io(error.to_string()))?;
    let random = RandomState::new().hash_one(id);
    Ok(Audio {
        port: pair.port,
        rtcp: pair.rtcp,
        ssrc: random as u32,
        counters: std::sync::Arc::default(),
        socket: Some(pair.rtp),
        attached: false,
        session_id: random >> 33,
        reported: (0, 0),
        digits_until_ns: [0; 4],
    })
}

/// The offer of a call that is about to be made.
pub(crate) fn first_offer(audio: &Audio, shared: &Shared) -> String {
    let (ip, port, id) = (shared.local.ip(), audio.port, audio.session_id);
    let local = Local { ip, port, id, version: 1, direction: sdp::Direction::BOTH };
    sdp::offer(&local, &shared.config.codecs, shared.config.keys)
}

/// The far end's description, as far as it is wanted here.
///
/// # Errors
/// It cannot be read, or has nothing of ours.
pub(crate) fn read(description: &[u8], config: &Config) -> Result<Remote, Refused> {
    let remote = sdp::read(description, &config.codecs)?;
    Ok(Remote { events: remote.events.filter(|_| config.keys == Keys::Events), ..remote })
}

pub(crate) fn content_type() -> Header {
    Header::ContentType("application/sdp".into())
}

/// Our description now: an answer when there is an offer to answer, else an offer.
pub(crate) fn describe(state: &State, id: u64, shared: &Shared) -> Option<String> {
    let call = state.calls.get(&id)?;
    let audio = call.audio.as_ref()?;
    let answered = call.remote.as_ref().filter(|_| !call.offered);
    let wanted = call.wanted();
    let local = Local {
        ip: shared.local.ip(),
        port: audio.port,
        id: audio.session_id,
        version: call.sdp_version,
        direction: answered.map_or(wanted, |remote| remote.direction.answered(wanted)),
    };
    Some(match answered {
        Some(remote) => sdp::answer(&local, remote),
        None => sdp::offer(&local, &shared.config.codecs, shared.config.keys),
    })
}

/// Gives the media thread the audio, or its new terms.
pub(crate) fn apply(state: &mut State, id: u64, config: &Config) {
    let Some(call) = state.calls.get_mut(&id) else { return };
    let wanted = call.wanted();
    let (channel, remote, audio) = (call.channel, call.remote.as_ref(), call.audio.as_mut());
    let (Some(remote), Some(audio)) = (remote, audio) else { return };
    let terms = Terms {
        address: remote.address,
        format: remote.format,
        payload_type: remote.payload_type,
        events: remote.events,
        send: remote.direction.receive && remote.address.is_some() && wanted.send,
        receive: wanted.receive,
        symmetric: config.symmetric_rtp,
    };
    let command = match audio.socket.take() {
        None => Command::Terms(channel, terms),
        Some(socket) => {
            audio.attached = true;
            let jitter = Jitter::with_room_for(&config.codecs, config.jitter);
            let (socket, counters) = ((socket, audio.port), audio.counters.clone());
            let session = Session::new(socket, id, audio.ssrc, (terms, jitter), counters);
            Command::Session(channel, Box::new(Some(session)))
        }
    };
    state.tell_media(command);
}
