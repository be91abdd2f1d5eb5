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
    /// The cycle, from 1.
    pub(crate) cycle: u64,
}

/// The doses of several regimens by time; at one instant in the order of the regimens.
pub(crate) fn planned_doses(regimens: &[Regimen], given: &[usize]) -> Vec<PlannedDose> {
    let mut doses: Vec<PlannedDose> =
        given.iter().flat_map(|&index| doses_of(&regimens[index], index)).collect();
    // Stable: doses at one instant stay in the order of the regimens.
    doses.sort_by(|a, b| a.day.total_cmp(&b.day));
    doses
}

fn doses_of(regimen: &Regimen, index: usize) -> impl Iterator<Item = PlannedDose> {
    let days = (0..).map_while(|dose| Some((day_of(regimen, dose)?, dose)));
    let days = days.take_while(|&(day, _)| day < regimen.until);
    days.map(move |(day, dose)| PlannedDose {
        day,
        regimen: index,
        rung: climbed(regimen, regimen.start, regimen.from, day),
        cycle: dose / regimen.on.len() as u64 + 1,
    })
}

/// The day of a dose of a regimen, counted from 0, were there no end; none beyond its number of doses.
/// Each cycle's is a product rather than a running sum, so that the hundredth dose is as exact as the first.
pub(crate) fn day_of(regimen: &Regimen, dose: u64) -> Option<f64> {
    let in_cycle = regimen.on.len() as u64;
    let (cycle, at) = (dose / in_cycle, dose % in_cycle);
    let beyond = regimen.times.is_some_and(|times| dose >= times);
    if beyond || cycle > 0 && regimen.every.is_none() {
        return None;
    }
    let every = regimen.every.unwrap_or(0.0);
    let on = regimen.on[usize::try_from(at).expect("a place in the cycle")];
    Some(regimen.from + cycle as f64 * every + on)
}

/// The rung in force on a day: the one that held `since` then, and one more for every whole `step` from
/// there, up to the last.
pub(crate) fn climbed(regimen: &Regimen, rung: usize, since: f64, day: f64) -> usize {
    let climbed = match regimen.step {
        Some(step) => ((day - since) / step).floor().max(0.0) as usize,
        None => 0,
    };
    (rung + climbed).min(regimen.amounts.len().saturating_sub(1))
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
            until_seen: None,
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
