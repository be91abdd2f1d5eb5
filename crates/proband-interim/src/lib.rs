//! Looks at a trial that is under way: when one falls, what was known by then, what follows from it.
//!
//! [`conduct`] is the whole of it on one page. It knows participants by when they entered and what was
//! learned of them when ([`Entered`]), and by the columns that their analyses read; who follows them is
//! the engine's business, behind [`People`]. A participant's path does not depend on looks: what they
//! change is who comes later, and how long the trial goes on.

mod adapt;
mod asked;
mod boundary;
mod calendar;
mod course;
mod escalation;
mod found;

pub use boundary::{Boundaries, Verdict};
pub use calendar::Entered;
pub use course::{Conducted, Decision, Ended, Known, Look, People, Rules, Tested, conduct};
pub use escalation::{Climb, Climbed, Cohort};
