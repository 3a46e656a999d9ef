//! Tests of the driver room.
