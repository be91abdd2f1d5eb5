//! Rubin's rules and reference-based imputation.

use proband_stats::ancova::{AncovaColumns, AncovaLayout, Margins, ancova};
use proband_stats::missing::{
    CompleteDf, ImputationFit, Incomplete, Strategy, delta_adjusted, jackknife, pool,
};
use proband_stats::mixed::Covariance;
use proband_stats::model_matrix::{ModelMatrix, Variable};
use proband_stats::{Effect, Level};

use crate::area::Area;
use crate::cases::Case;
use crate::table;

pub(crate) const AREA: Area = Area {
    name: "missing_data",
    // The worst is a limit close to zero: the optimiser of rbmi's models shows in its jackknife.
    agrees_to: 1.3e-4,
    certify: impute,
    not_reproduced: &[],
};

/// How well the reference's jackknife knows its standard errors.
const OPTIMISER: f64 = 1e-4;

const VISITS: usize = 4;

#[test]
fn missing_data_certified() {
    AREA.certify();
}

fn impute(case: &Case) {
    if case.id().starts_with("rubin") { rubin(case) } else { reference_based(case) }
}

fn rubin(case: &Case) {
    let (estimates, variances) = (case.list("estimates"), case.list("variances"));
    let by = |complete: CompleteDf| pool(&estimates, &variances, complete, Level::P95).unwrap();
    let (large, known) =
        (by(CompleteDf::Large), by(CompleteDf::Known(case.param("df_complete"))));
    let effect = known.effect;
    case.check("/estimate", effect.estimate.value);
    case.check("/se", effect.estimate.se);
    case.check("/total_var", effect.estimate.se * effect.estimate.se);
    case.check("/within", known.within);
    case.check("/between", known.between);
    case.check("/riv", known.relative_increase);
    case.check("/lambda", known.share_missing);
    case.check("/fmi", known.missing_information);
    for (key, ours) in [("rubin", large), ("barnard_rubin", known)] {
        case.check(&format!("/df_{key}"), ours.df);
        case.check(&format!("/p_{key}"), ours.effect.p);
        let limits = [ours.effect.estimate.lower, ours.effect.estimate.upper];
        case.check_list(&format!("/ci95_{key}"), &limits);
    }
}

/// The trial as participants by visits.
struct Trial {
    response: Vec<f64>,
    active: Vec<usize>,
    base: Vec<f64>,
    from: Vec<Option<usize>>,
}

impl Trial {
    fn read() -> Self {
        let table = table::read("antidepressant.csv");
        let patients = table.distinct("PATIENT");
        let patient = table.levels("PATIENT", &patients);
        let visit = table.levels("VISIT", &["4", "5", "6", "7"]);
        let therapy = table.levels("THERAPY", &["PLACEBO", "DRUG"]);
        let (change, severity) = (table.numbers("CHANGE"), table.numbers("BASVAL"));
        let count = patients.len();
        let mut trial = Self {
            response: vec![f64::NAN; count * VISITS],
            active: vec![0; count],
            base: vec![0.0; count],
            from: vec![None; count],
        };
        for row in 0..change.len() {
            trial.response[patient[row] * VISITS + visit[row]] = change[row];
            trial.active[patient[row]] = therapy[row];
            trial.base[patient[row]] = severity[row];
        }
        for (k, name) in patients.iter().enumerate() {
            let own = &trial.response[k * VISITS..(k + 1) * VISITS];
            // One patient misses a visit and comes back: no event.
            trial.from[k] = own.iter().position(|y| y.is_nan()).filter(|_| *name != "3618");
        }
        trial
    }

    /// Arm, visit and baseline with their interactions with visit, for every visit of everyone: in the
    /// own arm, and as if all were in the reference arm.
    fn columns(&self) -> [Vec<Vec<f64>>; 2] {
        let cells = 0..self.response.len();
        let arm: Vec<usize> = cells.clone().map(|c| self.active[c / VISITS]).collect();
        let visit: Vec<usize> = cells.clone().map(|c| c % VISITS).collect();
        let base: Vec<f64> = cells.map(|c| self.base[c / VISITS]).collect();
        let variables = [
            Variable::Factor { codes: &arm, levels: 2 },
            Variable::Factor { codes: &visit, levels: VISITS },
            Variable::Number(&base),
        ];
        let matrix =
            ModelMatrix::new(&variables, &[&[0], &[1], &[2], &[0, 1], &[1, 2]]).unwrap();
        let own = matrix.columns().iter().map(|c| c.to_vec()).collect();
        [own, matrix.with_level(0, 0).unwrap()]
    }

    /// Difference, mean of the reference arm and mean of the active arm at each visit, adjusted for baseline.
    fn analyse(&self, completed: &[f64], without: Option<usize>) -> Vec<f64> {
        let kept: Vec<usize> = (0..self.active.len()).filter(|&k| Some(k) != without).collect();
        let arm: Vec<usize> = kept.iter().map(|&k| self.active[k]).collect();
        let base: Vec<f64> = kept.iter().map(|&k| self.base[k]).collect();
        let layout = AncovaLayout { arms: 2, factor_levels: vec![], covariates: 1 };
        (0..VISITS)
            .flat_map(|visit| {
                let response: Vec<f64> =
                    kept.iter().map(|&k| completed[k * VISITS + visit]).collect();
                let columns = AncovaColumns {
                    response: &response,
                    arm: &arm,
                    factors: &[],
                    covariates: &[&base],
                };
                let fit = ancova(&layout, &columns).unwrap();
                let mean = |arm: usize| {
                    fit.ls_mean(arm, Margins::Equal, Level::P95).unwrap().estimate.value
                };
                let (reference, active) = (mean(0), mean(1));
                [active - reference, reference, active]
            })
            .collect()
    }
}

/// A relative difference of z is z^2 times as large in its p-value.
fn check_effect(case: &Case, at: &str, ours: &Effect) {
    let estimate = ours.estimate;
    case.check_those_there(
        at,
        &[
            ("estimate", estimate.value),
            ("se", estimate.se),
            ("lower", estimate.lower),
            ("upper", estimate.upper),
        ],
    );
    let z = ours.statistic;
    case.check_within(&format!("{at}/p"), ours.p, OPTIMISER * (1.0 + z * z));
}

fn reference_based(case: &Case) {
    let trial = Trial::read();
    let columns = trial.columns();
    let [own, reference] = columns
        .each_ref()
        .map(|all| -> Vec<&[f64]> { all.iter().map(Vec::as_slice).collect() });
    let data = Incomplete {
        response: &trial.response,
        visits: VISITS,
        columns: &own,
        under_reference: &reference,
        from: &trial.from,
        structure: Covariance::Unstructured,
    };
    let whole = data.fit().unwrap();
    let without: Vec<ImputationFit> = (0..trial.active.len())
        .map(|participant| data.fit_without(participant, &whole).unwrap())
        .collect();
    let results = |complete: &dyn Fn(&ImputationFit) -> Vec<f64>| {
        let all = trial.analyse(&complete(&whole), None);
        let each: Vec<Vec<f64>> = without
            .iter()
            .enumerate()
            .map(|(k, fit)| trial.analyse(&complete(fit), Some(k)))
            .collect();
        (0..all.len())
            .map(|place| {
                let column: Vec<f64> = each.iter().map(|row| row[place]).collect();
                jackknife(all[place], &column, Level::P95).unwrap()
            })
            .collect::<Vec<_>>()
    };
    for (key, strategy) in [
        ("MAR", Strategy::MissingAtRandom),
        ("JR", Strategy::JumpToReference),
        ("CR", Strategy::CopyReference),
        ("CIR", Strategy::CopyIncrements),
        ("LMCF", Strategy::LastMeanCarriedForward),
    ] {
        let ours = results(&|fit| fit.conditional_means(&data, strategy).unwrap());
        for (place, effect) in ours.iter().enumerate() {
            check_effect(case, &format!("/{key}/{place}"), effect);
        }
    }
    let tipping = "/tipping_point_MAR_delta_active_all_missing_visits";
    for k in 0..case.length(tipping) {
        let delta = case.number(&format!("{tipping}/{k}/delta"));
        let shifts: Vec<f64> = trial.active.iter().map(|&a| delta * a as f64).collect();
        let ours = results(&|fit| {
            let completed = fit.conditional_means(&data, Strategy::MissingAtRandom).unwrap();
            delta_adjusted(&data, &completed, &shifts).unwrap()
        });
        case.check(&format!("{tipping}/{k}/delta"), delta);
        check_effect(case, &format!("{tipping}/{k}"), &ours[9]);
    }
}
