//! The SIP driver of callcore: phones that register, trunks by address or registration, audio over RTP.
//!
//! ```text
//!            control calls                      exchange, every frame
//!   host ───────────────────▶ device ──┐    ┌──────────────────────── host's media thread
//!     ▲                                ▼    ▼
//!     │                    state (one lock) media: a Session for each call (socket, jitter buffer, digits)
//!     │                                ▲ │  ▲
//!     └──────── events ── signalling thread └─ rings: attach, terms, digits, detach; sessions come back
//!                         (tokio, SIP stack)
//! ```
//!
//! One device for each address it listens on, `sip:<listen>` unless it is given a name; each channel is room for one call. The host paces the audio. Settings are in
//! [`SipDriver`]'s schema. Payloads of G.711, G.722, G.729 and Opus pass between wire and pool as they are; nothing is coded
//! here. What comes waits in a jitter buffer ([`callcore_codec::jitter`]) for as long as `jitter_ms` says, follows the sender's
//! clock by joins nobody hears, and what had to be concealed, put in or left out is in the statistics. Standards: RFC 3261
//! (SIP), 3264 (offer/answer), 3550 (RTP), 3551 and 7587 (payloads), 4733 (digits), 7160 (clocks that change), 7616
//! (digest), 3398 and 4497 (causes).

mod audio;
mod cause;
mod codec;
mod config;
mod device;
mod dialogs;
mod digest;
mod dtmf;
#[doc(hidden)]
pub mod fuzz;
mod gate;
mod incoming;
mod media;
mod outgoing;
mod ports;
mod registrar;
mod reports;
mod rtp;
mod sdp;
mod session;
mod source;
mod stack;
mod state;
mod trunks;
mod wire;

use callcore_driver_sdk::{DeviceInfo, Driver, DriverInfo, Error, Host, PacedBy};
use config::Config;
pub use device::SipDevice;
pub use media::SipMedia;

/// The driver; `callcore_driver_sdk::negotiate_fn::<SipDriver>()` builds it into a host. It has a device for each that the host
/// has configured: `devices.0`, `devices.1` ... of the driver's own configuration, or the one of that configuration itself.
pub struct SipDriver {
    host: Host,
}

impl Driver for SipDriver {
    const INFO: DriverInfo = DriverInfo {
        id: c"org.callcore.sip",
        name: c"SIP",
        vendor: c"callcore",
        version: c"0.1.0",
        config_schema: config::SCHEMA,
    };
    type Device = SipDevice;

    fn create(host: Host) -> Result<Self, Error> {
        Config::read(&host)?;
        Ok(Self { host })
    }

    fn enumerate(&mut self) -> Vec<DeviceInfo> {
        let count = self.host.cfg_int("devices").ok().flatten().unwrap_or(0);
        if count == 0 {
            return vec![listed(&self.host, "")];
        }
        (0..count).map(|place| listed(&self.host, &format!("devices.{place}."))).collect()
    }

    fn open(&mut self, _uid: &str, host: Host) -> Result<SipDevice, Error> {
        Ok(SipDevice::new(Config::read(&host)?, host))
    }
}

/// What is wrong with its settings is said when it is opened.
fn listed(host: &Host, prefix: &str) -> DeviceInfo {
    let text = |name: &str| host.cfg_str(&format!("{prefix}{name}")).ok().flatten();
    let listen = text("listen").unwrap_or_else(|| config::LISTEN.to_owned());
    let channels = host.cfg_int(&format!("{prefix}channels")).ok().flatten();
    let channels = channels.unwrap_or(config::CHANNELS).clamp(0, config::CHANNELS_MAX);
    DeviceInfo {
        uid: text("uid").or_else(|| text("name")).unwrap_or_else(|| format!("sip:{listen}")),
        location: listen,
        model: "SIP".to_owned(),
        firmware: String::new(),
        channels: channels as u32,
        spans: 0,
        clock_domain: 0,
        paced_by: PacedBy::Host,
    }
}
