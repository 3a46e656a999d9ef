//! The ways to all devices: they come and go while others run.

use super::board::BoardPort;
use crate::board::DeviceId;
use std::sync::{Arc, PoisonError, RwLock};

/// By the numbers of the devices; one that is away keeps its place.
pub(crate) struct Boards(RwLock<Arc<[BoardPort]>>);

impl Boards {
    pub(crate) fn new() -> Self {
        Self(RwLock::new(Arc::new([])))
    }

    /// As they are now.
    pub(crate) fn all(&self) -> Arc<[BoardPort]> {
        // a panic while the list is held leaves it whole
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The way to one.
    pub(crate) fn get(&self, device: DeviceId) -> Option<BoardPort> {
        self.all().get(usize::from(device.0)).cloned()
    }

    /// The device has been opened: from now on this is the way to it. Devices come in the order of their numbers.
    pub(crate) fn put(&self, port: BoardPort) {
        let mut boards = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut all = boards.to_vec();
        match all.get_mut(usize::from(port.device.0)) {
            Some(place) => *place = port,
            None => all.push(port),
        }
        *boards = all.into();
    }
}
