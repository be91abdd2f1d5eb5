//! Batches of lanes through time: steppers, error control, events, dense output
