//! Mixed models for repeated measures.

use proband_stats::mixed::{Covariance, Inference, MixedFit, MmrmFit, RepeatedMeasures, mmrm};
use proband_stats::model_matrix::{Margins, ModelMatrix, Variable};
use proband_stats::{Effect, Level};

use crate::area::Area;
use crate::cases::Case;
use crate::table::{self, Table};

pub(crate) const AREA: Area = Area {
    name: "mmrm",
    // The worst is a p-value of 1e-118, in which the reference's optimiser shows; the rest agrees to 1e-6.
    agrees_to: 1e-5,
    certify: fit,
    not_reproduced: &[],
};

const KINDS: [(&str, Inference); 3] = [
    ("Satterthwaite", Inference::Satterthwaite),
    ("Kenward-Roger-Linear", Inference::KenwardRogerLinear),
    ("Kenward-Roger", Inference::KenwardRoger),
];

#[test]
fn mmrm_certified() {
    AREA.certify();
}

fn fit(case: &Case) {
    let study = Study::of(case.id());
    let variables = study.variables();
    let variables: Vec<Variable<'_>> = variables.iter().map(Column::variable).collect();
    let matrix = ModelMatrix::new(&variables, study.terms).unwrap();
    let ours = study.fit(&matrix, structure(case.id()));
    check_covariance(case, &ours, study.visits.len());
    for (key, inference) in KINDS {
        for k in 0..case.length(&format!("/{key}/coefficients")) {
            let effect = ours.fit.effect(k, inference, Level::P95).unwrap();
            case.check_effect(&format!("/{key}/coefficients/{k}"), &effect);
        }
        check_means(case, &format!("/{key}"), &study, &matrix, &ours.fit, inference);
    }
}

/// Least-squares means of the three arms and differences from placebo at week 24 of the CDISC pilot.
pub(crate) fn week_24_of_the_pilot(inference: Inference) -> (Vec<Effect>, Vec<Effect>) {
    let study = Study::adas();
    let variables = study.variables();
    let variables: Vec<Variable<'_>> = variables.iter().map(Column::variable).collect();
    let matrix = ModelMatrix::new(&variables, study.terms).unwrap();
    let fit = study.fit(&matrix, Covariance::Unstructured).fit;
    let mean = |arm: usize| matrix.mean(&[(0, arm), (1, 2)], Margins::Equal).unwrap();
    let means =
        (0..3).map(|arm| fit.contrast(&mean(arm), inference, Level::P95).unwrap()).collect();
    let differences = (1..3)
        .map(|arm| fit.difference(&mean(arm), &mean(0), inference, Level::P95).unwrap())
        .collect();
    (means, differences)
}

fn structure(id: &str) -> Covariance {
    match id {
        "fev_ar1" => Covariance::AutoRegressive,
        "fev_ar1h" => Covariance::HeterogeneousAutoRegressive,
        "fev_cs" => Covariance::CompoundSymmetry,
        "fev_csh" => Covariance::HeterogeneousCompoundSymmetry,
        "fev_toeph" => Covariance::HeterogeneousToeplitz,
        _ => Covariance::Unstructured,
    }
}

fn check_covariance(case: &Case, ours: &MmrmFit, visits: usize) {
    for i in 0..visits {
        for j in 0..visits {
            case.check(&format!("/covariance/{i}/{j}"), ours.covariance(i, j).unwrap());
        }
    }
    case.check_those_there(
        "",
        &[
            ("neg2_reml_loglik", ours.fit.minus_two_log_likelihood()),
            ("aic", ours.fit.aic()),
            ("bic", ours.fit.bic()),
            ("n_obs", ours.fit.n() as f64),
            ("n_cov_params", ours.fit.covariance_parameters() as f64),
        ],
    );
}

fn check_means(
    case: &Case,
    at: &str,
    study: &Study,
    matrix: &ModelMatrix<'_>,
    fit: &MixedFit,
    inference: Inference,
) {
    let arms = study.arms.len();
    for visit in 0..study.visits.len() {
        let mean = |arm: usize| {
            let cell = [(study.arm_place, arm), (study.visit_place, visit)];
            matrix.mean(&cell, Margins::Equal).unwrap()
        };
        for arm in 0..arms {
            let ours = fit.contrast(&mean(arm), inference, Level::P95).unwrap();
            case.check_effect(&format!("{at}/lsmeans/{}", visit * arms + arm), &ours);
        }
        for arm in 1..arms {
            let ours = fit.difference(&mean(arm), &mean(0), inference, Level::P95).unwrap();
            let place = visit * (arms - 1) + arm - 1;
            case.check_effect(&format!("{at}/differences/{place}"), &ours);
        }
    }
}

type Others = Vec<(&'static str, Vec<String>)>;
type Terms = &'static [&'static [usize]];

/// A data set with the model of its case.
struct Study {
    table: Table,
    participant: &'static str,
    visit: &'static str,
    visits: Vec<&'static str>,
    arm: &'static str,
    arms: Vec<&'static str>,
    response: &'static str,
    /// Other variables by name, with their levels; none for numbers.
    others: Others,
    /// Places of arm and visit among the variables: arm, visit, others.
    arm_place: usize,
    visit_place: usize,
    /// In the order in which R has the coefficients.
    terms: Terms,
}

/// A column as levels or as numbers.
enum Column {
    Levels(Vec<usize>, usize),
    Numbers(Vec<f64>),
}

impl Column {
    fn variable(&self) -> Variable<'_> {
        match self {
            Self::Levels(codes, levels) => Variable::Factor { codes, levels: *levels },
            Self::Numbers(values) => Variable::Number(values),
        }
    }
}

impl Study {
    fn of(id: &str) -> Self {
        match id {
            "cdisc_adas_us" => Self::adas(),
            "antidepressant_us" => Self::antidepressant(),
            _ => Self::fev(id),
        }
    }

    fn fev(id: &str) -> Self {
        let owned = |levels: &[&str]| levels.iter().map(|&l| l.to_owned()).collect();
        let races = ["Asian", "Black or African American", "White"];
        let race = ("RACE", owned(&races));
        let (others, terms): (Others, Terms) = if id == "fev_base_us" {
            let base = ("FEV1_BL", Vec::new());
            (vec![race, base], &[&[3], &[1], &[0], &[2], &[3, 1], &[1, 0]])
        } else {
            let sex = ("SEX", owned(&["Female", "Male"]));
            (vec![race, sex], &[&[2], &[3], &[0], &[1], &[0, 1]])
        };
        Self {
            table: table::read("fev.csv").without("FEV1", ""),
            participant: "USUBJID",
            visit: "AVISIT",
            visits: vec!["VIS1", "VIS2", "VIS3", "VIS4"],
            arm: "ARMCD",
            arms: vec!["PBO", "TRT"],
            response: "FEV1",
            others,
            arm_place: 0,
            visit_place: 1,
            terms,
        }
    }

    fn adas() -> Self {
        let table = table::read("adqsadas_actot.csv")
            .with(&[("EFFFL", "Y"), ("ITTFL", "Y"), ("ANL01FL", "Y"), ("DTYPE", "")])
            .without("AVISITN", "0");
        let sites = table.distinct("SITEGR1").into_iter().map(str::to_owned).collect();
        Self {
            table,
            participant: "USUBJID",
            visit: "AVISITN",
            visits: vec!["8", "16", "24"],
            arm: "TRTP",
            arms: vec!["Placebo", "Xanomeline Low Dose", "Xanomeline High Dose"],
            response: "CHG",
            others: vec![("SITEGR1", sites), ("BASE", Vec::new())],
            arm_place: 0,
            visit_place: 1,
            terms: &[&[0], &[1], &[2], &[3], &[0, 1], &[1, 3]],
        }
    }

    fn antidepressant() -> Self {
        Self {
            table: table::read("antidepressant.csv"),
            participant: "PATIENT",
            visit: "VISIT",
            visits: vec!["4", "5", "6", "7"],
            arm: "THERAPY",
            arms: vec!["PLACEBO", "DRUG"],
            response: "CHANGE",
            others: vec![("BASVAL", Vec::new())],
            arm_place: 0,
            visit_place: 1,
            terms: &[&[0], &[1], &[2], &[0, 1], &[1, 2]],
        }
    }

    fn fit(&self, matrix: &ModelMatrix<'_>, structure: Covariance) -> MmrmFit {
        let participants = self.table.distinct(self.participant);
        let data = RepeatedMeasures {
            response: &self.table.numbers(self.response),
            columns: &matrix.columns(),
            participant: &self.table.levels(self.participant, &participants),
            visit: &self.table.levels(self.visit, &self.visits),
            visits: self.visits.len(),
        };
        mmrm(&data, structure).unwrap()
    }

    fn variables(&self) -> Vec<Column> {
        let levels = |name: &str, levels: &[&str]| {
            Column::Levels(self.table.levels(name, levels), levels.len())
        };
        let mut all = vec![levels(self.arm, &self.arms), levels(self.visit, &self.visits)];
        for (name, own) in &self.others {
            let own: Vec<&str> = own.iter().map(String::as_str).collect();
            all.push(if own.is_empty() {
                Column::Numbers(self.table.numbers(name))
            } else {
                levels(name, &own)
            });
        }
        all
    }
}
