//! When doses are due: a regimen as a list of instants.

use proband_trial::Regimen;

/// A dose as planned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PlannedDose {
    /// Days since day 1.
    pub(crate) day: f64,
    /// Position in `Trial::regimens`.
    pub(crate) regimen: usize,
    /// Rung of the regimen's ladder, from 0.
    pub(crate) rung: usize,
}

/// The doses of several regimens by time; at one instant in the order of the regimens.
pub(crate) fn planned_doses(regimens: &[Regimen], given: &[usize]) -> Vec<PlannedDose> {
    let mut doses: Vec<PlannedDose> =
        given.iter().flat_map(|&index| doses_of(&regimens[index], index)).collect();
    // Stable: doses at one instant stay in the order of the regimens.
    doses.sort_by(|a, b| a.day.total_cmp(&b.day));
    doses
}

fn doses_of(regimen: &Regimen, index: usize) -> Vec<PlannedDose> {
    days(regimen)
        .map(|day| PlannedDose { day, regimen: index, rung: rung_at(regimen, day) })
        .collect()
}

/// The instants of a regimen, each cycle's a product rather than a running sum, so that the
/// hundredth dose is as exact as the first.
fn days(regimen: &Regimen) -> impl Iterator<Item = f64> {
    let cycles = match regimen.every {
        Some(every) => ((regimen.until - regimen.from) / every).ceil().max(0.0) as u64,
        None => 1,
    };
    let every = regimen.every.unwrap_or(0.0);
    let most = regimen.times.unwrap_or(u64::MAX);
    let (from, until) = (regimen.from, regimen.until);
    (0..cycles)
        .flat_map(move |cycle| {
            regimen.on.iter().map(move |on| from + cycle as f64 * every + on)
        })
        .filter(move |&day| day < until)
        .take(usize::try_from(most).unwrap_or(usize::MAX))
}

/// The rung in force on a day: the first one, and one more for every whole `step` since the regimen
/// began, up to the last.
fn rung_at(regimen: &Regimen, day: f64) -> usize {
    let climbed = match regimen.step {
        Some(step) => ((day - regimen.from) / step).floor().max(0.0) as usize,
        None => 0,
    };
    (regimen.start + climbed).min(regimen.amounts.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proband_lang::{Expr, Kind, Unit};
    use proband_trial::Expression;

    fn regimen() -> Regimen {
        let amount = Expression {
            expr: Expr::Number(1.0),
            unit: Unit::one(),
            kind: Kind::Number,
            text: "1".into(),
            span: None,
        };
        Regimen {
            id: "a".into(),
            names: vec!["a".into()],
            treatment: "A".into(),
            route: None,
            lines: Vec::new(),
            unit: Unit::one(),
            amounts: vec![amount; 3],
            start: 0,
            step: None,
            every: Some(21.0),
            on: vec![0.0, 7.0],
            times: None,
            infusion: None,
            from: 0.0,
            until: 63.0,
        }
    }

    fn plan(regimen: Regimen) -> Vec<(f64, usize)> {
        planned_doses(&[regimen], &[0]).iter().map(|dose| (dose.day, dose.rung)).collect()
    }

    #[test]
    fn cycles_repeat_until_the_end_which_is_left_out() {
        let days: Vec<f64> = plan(regimen()).iter().map(|dose| dose.0).collect();
        assert_eq!(days, [0.0, 7.0, 21.0, 28.0, 42.0, 49.0]);
    }

    #[test]
    fn a_count_ends_it_sooner() {
        assert_eq!(plan(Regimen { times: Some(3), ..regimen() }).len(), 3);
    }

    #[test]
    fn a_ladder_is_climbed_by_the_calendar_and_not_beyond_its_top() {
        let climbing = Regimen {
            step: Some(28.0),
            every: Some(7.0),
            on: vec![0.0],
            until: 98.0,
            ..regimen()
        };
        let rungs: Vec<usize> = plan(climbing).iter().map(|dose| dose.1).collect();
        assert_eq!(rungs, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
    }

    #[test]
    fn without_a_cycle_there_is_one() {
        assert_eq!(plan(Regimen { every: None, on: vec![0.0], ..regimen() }), [(0.0, 0)]);
    }

    #[test]
    fn at_one_instant_the_order_of_the_regimens_holds() {
        let daily = Regimen { every: Some(1.0), on: vec![0.0], until: 2.0, ..regimen() };
        let doses = planned_doses(&[daily.clone(), daily], &[1, 0]);
        let order: Vec<(f64, usize)> =
            doses.iter().map(|dose| (dose.day, dose.regimen)).collect();
        assert_eq!(order, [(0.0, 1), (0.0, 0), (1.0, 1), (1.0, 0)]);
    }
}
