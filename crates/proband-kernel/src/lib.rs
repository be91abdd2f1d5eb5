//! Checked models to expression graphs to lane-wide programs
