//! Several hypotheses at once: adjusted p-values, Dunnett's comparisons with one control, gatekeeping
//! and graphs.
//!
//! An adjusted p-value is the smallest familywise level at which its hypothesis would be rejected, so
//! that it is compared with the level as it is.

mod adjust;
mod dunnett;
mod graph;

pub use adjust::{Adjustment, adjust, serial_gatekeeping};
pub use dunnett::Dunnett;
pub use graph::{Graph, GraphTest};

use crate::checks::{at_least, share};
use crate::error::Result;

/// At least one p-value, each in 0..=1.
fn p_values(p: &[f64]) -> Result<()> {
    at_least(1, p.len())?;
    for p in p {
        share(*p)?;
    }
    Ok(())
}
