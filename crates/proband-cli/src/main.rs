//! The `proband` command.

fn main() {}
