//! Trials with looks whose participants are drawn here, so that designs are tested on their own.

mod calendar;
mod designs;
mod doses;
mod field;
