//! The voices of channels: which format each has now, and the thread-safe way to the one who makes what it needs.

use crate::board::{ChannelId, DeviceId};
use crate::media::Voice;
use crate::media::engine::EngineLimits;
use callcore_codec::Format;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The formats that the channels of a device have now, as its driver says.
#[derive(Debug)]
pub(crate) struct Formats {
    own: Format,
    codes: Box<[AtomicU8]>,
}

impl Formats {
    /// For `channels` channels that all have the pool's `own` format.
    pub(crate) fn new(channels: u32, own: Format) -> Self {
        Self { own, codes: (0..channels).map(|_| AtomicU8::new(own as u8)).collect() }
    }

    pub(crate) fn set(&self, channel: usize, format: Format) {
        if let Some(code) = self.codes.get(channel) {
            code.store(format as u8, Ordering::Relaxed);
        }
    }

    fn get(&self, channel: u32) -> Format {
        let code = self.codes.get(channel as usize).map(|code| code.load(Ordering::Relaxed));
        code.and_then(|code| Format::from_code(code.into())).unwrap_or(self.own)
    }
}

/// Makes voices.
#[derive(Clone)]
pub(crate) struct Voices {
    /// By device; `None`: it has no media.
    devices: Arc<RwLock<Vec<Option<Arc<Formats>>>>>,
    limits: EngineLimits,
}

impl Voices {
    /// For devices that come later.
    pub(crate) fn new(limits: EngineLimits) -> Self {
        Self { devices: Arc::default(), limits }
    }

    /// A device is there, with these formats; `None`: it has no media.
    pub(crate) fn put(&self, device: DeviceId, formats: Option<Arc<Formats>>) {
        let mut devices = self.devices.write().unwrap_or_else(PoisonError::into_inner);
        let place = usize::from(device.0);
        if devices.len() <= place {
            devices.resize_with(place + 1, || None);
        }
        devices[place] = formats;
    }

    pub(crate) fn limits(&self) -> &EngineLimits {
        &self.limits
    }

    /// A voice for a channel as its driver writes it now; `None` if its device has no media.
    pub(crate) fn for_channel(&self, channel: ChannelId) -> Option<Box<Voice>> {
        let devices = self.devices.read().unwrap_or_else(PoisonError::into_inner);
        let device = Arc::clone(devices.get(usize::from(channel.device.0))?.as_ref()?);
        drop(devices);
        self.of_format(channel, device.get(channel.index)).or_else(|| self.of_format(channel, device.own))
    }

    /// A voice for a channel in a format; `None` if its codec is not built in, which is said.
    pub(crate) fn of_format(&self, channel: ChannelId, format: Format) -> Option<Box<Voice>> {
        let voice = Voice::new(format, &self.limits).map(Box::new);
        if voice.is_none() {
            tracing::error!(%channel, ?format, "this codec is not built in: the channel is silent");
        }
        voice
    }
}
