//! callcore-sim-model
