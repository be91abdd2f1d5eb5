//! Analysis of covariance: arms compared after adjustment for factors and covariates.
//!
//! The model is y = arm + factors + slopes x covariates, without interactions, with constant
//! residual variance. [`ancova`] fits it from columns (by QR), [`AncovaSums`] from a stream (by
//! cross-products); means, differences and tests come from one implementation, [`AncovaFit`].

mod design;
mod fit;

pub use design::{AncovaColumns, AncovaLayout, AncovaSums, ancova};
pub use fit::{AncovaFit, Margins};
