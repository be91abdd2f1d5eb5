//! Virtual clinical trial cohorts: open, check, simulate, analyse, report
