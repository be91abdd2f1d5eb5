//! Time to event: curves, tests, regressions, competing risks.

mod competing;
mod cox;
mod curves;
mod logrank;
mod parametric;

pub(crate) use competing::AREA as COMPETING_RISKS;
pub(crate) use cox::AREA as COX;
pub(crate) use curves::{KM, LANDMARK, RMST};
pub(crate) use logrank::AREA as LOGRANK;
pub(crate) use parametric::AREA as PARAMETRIC;

use crate::cases::Case;
use crate::table::{self, Table, as_numbers};
use proband_stats::survival::FollowUp;

/// One data set as the survival cases use it.
struct Trial {
    time: Vec<f64>,
    event: Vec<bool>,
    active: Vec<bool>,
    strata: Vec<usize>,
    covariates: Vec<Vec<f64>>,
}

impl Trial {
    fn follow_up(&self) -> FollowUp<'_> {
        FollowUp::new(&self.time, &self.event).unwrap()
    }

    fn group(&self) -> Vec<f64> {
        as_numbers(&self.active)
    }

    /// The rows for which `keep` holds.
    fn part(&self, keep: impl Fn(usize) -> bool) -> Self {
        let rows: Vec<usize> = (0..self.time.len()).filter(|&k| keep(k)).collect();
        Self {
            time: rows.iter().map(|&k| self.time[k]).collect(),
            event: rows.iter().map(|&k| self.event[k]).collect(),
            active: rows.iter().map(|&k| self.active[k]).collect(),
            strata: rows.iter().map(|&k| self.strata[k]).collect(),
            covariates: self
                .covariates
                .iter()
                .map(|c| rows.iter().map(|&k| c[k]).collect())
                .collect(),
        }
    }
}

fn strata(table: &Table, name: &str) -> Vec<usize> {
    let levels = table.distinct(name);
    table.levels(name, &levels)
}

/// The data of a case by its id.
fn trial(case: &Case) -> Trial {
    let (high, low) = ("Xanomeline High Dose", "Xanomeline Low Dose");
    match case.id() {
        "cdisc_derm_high" => dermatology(high, low, "AGEGR1"),
        "cdisc_derm_low" => dermatology(low, high, "SEX"),
        "veteran" => veteran(),
        "lung_sex" => lung(),
        "ovarian" => ovarian(),
        "pbc_trt_death" => pbc(),
        "tiny_ties" => tiny(),
        other => panic!("no data for {other}"),
    }
}

fn dermatology(active: &str, left_out: &str, stratum: &str) -> Trial {
    let table = table::read("adtte.csv").without("TRTA", left_out);
    Trial {
        time: table.numbers("AVAL"),
        event: table.is("CNSR", "0"),
        active: table.is("TRTA", active),
        strata: strata(&table, stratum),
        covariates: vec![table.numbers("AGE"), as_numbers(&table.is("SEX", "M"))],
    }
}

fn veteran() -> Trial {
    let table = table::read("veteran.csv");
    Trial {
        time: table.numbers("time"),
        event: table.is("status", "1"),
        active: table.is("trt", "2"),
        strata: strata(&table, "celltype"),
        covariates: vec![
            table.numbers("karno"),
            table.numbers("age"),
            // Prior therapy is coded 0 and 10; the case was run on the indicator.
            as_numbers(&table.is("prior", "10")),
        ],
    }
}

fn lung() -> Trial {
    let table = table::read("lung.csv").without("ph.ecog", "");
    Trial {
        time: table.numbers("time"),
        event: table.is("status", "2"),
        active: table.is("sex", "2"),
        strata: strata(&table, "ph.ecog"),
        covariates: ["age", "ph.ecog"].map(|c| table.numbers(c)).to_vec(),
    }
}

fn ovarian() -> Trial {
    let table = table::read("ovarian.csv");
    Trial {
        time: table.numbers("futime"),
        event: table.is("fustat", "1"),
        active: table.is("rx", "2"),
        strata: strata(&table, "resid.ds"),
        covariates: vec![table.numbers("age")],
    }
}

fn pbc() -> Trial {
    let table = table::read("pbc.csv").without("trt", "");
    let log_bilirubin = table.numbers("bili").into_iter().map(libm::log).collect();
    Trial {
        time: table.numbers("time"),
        event: table.is("status", "2"),
        active: table.is("trt", "1"),
        strata: strata(&table, "edema"),
        covariates: vec![table.numbers("age"), log_bilirubin],
    }
}

/// Ten people with ties, to be checked by hand; their times stand in the case of the curves.
fn tiny() -> Trial {
    let case = crate::cases::case("km", "tiny_ties");
    let flags = |name: &str| case.list(name).iter().map(|v| *v > 0.5).collect::<Vec<bool>>();
    Trial {
        time: case.list("t"),
        event: flags("e"),
        active: flags("g"),
        strata: vec![0; 10],
        covariates: Vec::new(),
    }
}
