//! The proband command
