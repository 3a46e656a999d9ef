//! A driver that only moves sound: what is said on a channel is heard on it.

use crate::{
    ChannelInfo, Device, DeviceInfo, Driver, DriverInfo, Error, Host, Media, MediaSetup, PacedBy, Tick, sys,
};

/// One board with so many channels, A-law, without calls. Its frames allocate nothing and ask nothing of the kernel.
pub struct Echo<const CHANNELS: u32>;

impl<const CHANNELS: u32> Driver for Echo<CHANNELS> {
    const INFO: DriverInfo = DriverInfo {
        id: c"org.callcore.test.echo",
        name: c"echo",
        vendor: c"callcore",
        version: c"1",
        config_schema: c"{}",
    };
    type Device = Self;

    fn create(_: Host) -> Result<Self, Error> {
        Ok(Self)
    }

    fn enumerate(&mut self) -> Vec<DeviceInfo> {
        vec![DeviceInfo {
            uid: "echo".into(),
            location: String::new(),
            model: String::new(),
            firmware: String::new(),
            channels: CHANNELS,
            spans: 0,
            clock_domain: 0,
            paced_by: PacedBy::Host,
        }]
    }

    fn open(&mut self, _: &str, _: Host) -> Result<Self, Error> {
        Ok(Self)
    }
}

impl<const CHANNELS: u32> Device for Echo<CHANNELS> {
    type Media = Self;

    fn channel(&self, channel: u32) -> Option<ChannelInfo> {
        let info =
            ChannelInfo { kind: sys::CCD_KIND_BEARER, codecs: sys::CCD_LAW_A, ..ChannelInfo::default() };
        (channel < CHANNELS).then_some(info)
    }

    fn start(&mut self, _: MediaSetup) -> Result<Self, Error> {
        Ok(Self)
    }

    fn stop(&mut self) {}
}

impl<const CHANNELS: u32> Media for Echo<CHANNELS> {
    fn exchange(&mut self, tick: &mut Tick<'_>) {
        for channel in 0..CHANNELS {
            let mut frame = [0; 160];
            if let Some(tx) = tick.tx(channel) {
                frame.copy_from_slice(tx);
                tick.rx(channel).copy_from_slice(&frame);
                tick.set_rx_valid(channel);
            }
        }
    }
}
