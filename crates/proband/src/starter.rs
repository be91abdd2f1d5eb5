//! A commented trial to start from.

/// The text of a trial that runs as it stands and shows what most trials need.
pub const STARTER: &str = include_str!("starter.toml");
