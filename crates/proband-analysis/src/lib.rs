//! Declared endpoints and analyses to findings.
//!
//! Columns of participants come in shard by shard. What can be added up is added up
//! ([`Accumulator`]), in the order of the shards and never of their arrival; what needs order reads
//! the columns back through a [`ColumnSource`]. Nothing here knows simulation or files.

mod accumulator;
mod cut;
mod dataset;
mod due;
mod finding;
mod findings;
mod layout;
mod operating;
mod order;
mod program;
mod record;
mod rows;
mod shard;
mod source;
mod truth;

pub use accumulator::Accumulator;
pub use dataset::{DataColumn, DataTable, DataValues, Dataset};
pub use finding::{AtLook, COLUMNS, Category, Cell, Finding, StatisticName};
pub use findings::{Blinded, Effect, Screening, Standing, findings, standings};
pub use layout::{Adverse, AdverseMeasure, Column, Events, Layout, Scope};
pub use operating::{Characteristic, Measure, Operating};
pub use program::ExpressionError;
pub use record::{Came, Dose, Ended, Exit, Happened, Participant, Record, StatedRange, Until};
pub use shard::ParticipantColumns;
pub use source::{ColumnSource, InMemory};
pub use truth::{TrueEffect, put_truth, true_effects};
