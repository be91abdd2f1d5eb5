//! `design.type = "factorial"`: the arms cross regimens, and what is compared by default are its factors.

use super::arms::Told as Arm;
use crate::expression::Names;
use crate::reading::Reading;
use crate::{Contrast, words};
use proband_diag::{Diagnostic, Span, code};

/// What is crossed with the others: a regimen and those that take its keys by `use`, or nothing of them.
struct Factor {
    name: String,
    /// By arm: the regimen that is given (position), if one is.
    levels: Vec<Option<usize>>,
}

impl Factor {
    /// How many different levels the arms have.
    fn count(&self) -> usize {
        let mut levels = self.levels.clone();
        levels.sort_unstable();
        levels.dedup();
        levels.len()
    }
}

/// Checks that the arms are a full crossing of their regimens. Gives the contrasts of its factors: the main
/// effect of each that is given or not, and the interaction of any two of them.
pub(super) fn contrasts(
    arms: &[Arm<'_>],
    names: &Names,
    span: Span,
    reading: &mut Reading,
) -> Vec<Contrast> {
    let factors = factors(arms, names);
    let cells: usize = factors.iter().map(Factor::count).product();
    let cell = |arm: usize| factors.iter().map(|factor| factor.levels[arm]).collect::<Vec<_>>();
    let mut different: Vec<_> = (0..arms.len()).map(cell).collect();
    different.sort();
    different.dedup();
    if factors.len() < 2 || cells != arms.len() || different.len() != cells {
        let crossed: Vec<&str> = factors.iter().map(|factor| factor.name.as_str()).collect();
        let message = format!(
            "the {} arms are no full crossing of their regimens, {}",
            arms.len(),
            words::listed(&crossed)
        );
        let help = format!("a full crossing has {cells} arms, one for each combination");
        reading.fault(Diagnostic::error(code::WRONG_DESIGN, message, span).help(help));
        return Vec::new();
    }
    let two: Vec<&Factor> = factors.iter().filter(|factor| factor.count() == 2).collect();
    let mut all: Vec<Contrast> = two.iter().map(|factor| main_effect(factor)).collect();
    for (index, first) in two.iter().enumerate() {
        all.extend(two[index + 1..].iter().map(|second| interaction(first, second)));
    }
    all
}

/// Regimens belong to one factor if they share a name; `use` gives them one.
fn factors(arms: &[Arm<'_>], names: &Names) -> Vec<Factor> {
    let mut factors: Vec<Factor> = Vec::new();
    for (arm, told) in arms.iter().enumerate() {
        for &regimen in &told.regimens {
            let name = names.regimens[regimen].names.last().cloned().unwrap_or_default();
            let known = factors.iter().position(|factor| factor.name == name);
            let place = known.unwrap_or_else(|| {
                factors.push(Factor { name, levels: vec![None; arms.len()] });
                factors.len() - 1
            });
            factors[place].levels[arm] = Some(regimen);
        }
    }
    factors
}

/// The mean of the arms with it less the mean of those without.
fn main_effect(factor: &Factor) -> Contrast {
    let half = factor.levels.len() as f64 / 2.0;
    let weight = |level: &Option<usize>| if level.is_some() { 1.0 / half } else { -1.0 / half };
    let weights = factor.levels.iter().map(weight).collect();
    Contrast { name: factor.name.clone(), weights }
}

/// What both together do beyond the sum of what each does, over the levels of the others.
fn interaction(first: &Factor, second: &Factor) -> Contrast {
    let quarter = first.levels.len() as f64 / 4.0;
    let weight = |(a, b): (&Option<usize>, &Option<usize>)| {
        if a.is_some() == b.is_some() { 1.0 / quarter } else { -1.0 / quarter }
    };
    let weights = first.levels.iter().zip(&second.levels).map(weight).collect();
    Contrast { name: format!("{}_by_{}", first.name, second.name), weights }
}
