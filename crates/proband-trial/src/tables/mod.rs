//! The tables of the format, each in its room: read, check, defaults, messages.

pub(crate) mod accrual;
pub(crate) mod adherence;
pub(crate) mod adverse_events;
pub(crate) mod analyses;
pub(crate) mod arms;
pub(crate) mod crossover;
pub(crate) mod design;
pub(crate) mod discontinuations;
pub(crate) mod eligibility;
pub(crate) mod encounters;
pub(crate) mod endpoints;
pub(crate) mod epochs;
pub(crate) mod estimands;
pub(crate) mod factorial;
pub(crate) mod general;
pub(crate) mod inputs;
pub(crate) mod later;
pub(crate) mod models;
pub(crate) mod multiplicity;
pub(crate) mod named;
pub(crate) mod population;
pub(crate) mod published;
pub(crate) mod regimens;
pub(crate) mod rules;
pub(crate) mod safety;
pub(crate) mod spaces;
