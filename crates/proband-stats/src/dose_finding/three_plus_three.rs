//! The 3+3 design, exactly.
//!
//! Three participants at a dose: none toxic, go up; one toxic, three more, and go up if none of those is; otherwise stop.
//! What the maximum tolerated dose then is differs between protocols; both usual readings are here (Y. Lin & W. Shih,
//! Biostatistics 2, 2001).

use super::probabilities;
use crate::error::Result;

/// What a 3+3 design does for given toxicities.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreePlusThree {
    /// The probability that even the lowest dose is declared too toxic.
    pub below_lowest: f64,
    /// For each dose the probability that it is declared the maximum tolerated dose.
    pub selected: Vec<f64>,
    /// Participants expected at each dose.
    pub treated: Vec<f64>,
    /// Toxicities expected at each dose.
    pub toxic: Vec<f64>,
}

/// The chances at one dose.
struct Cohort {
    /// P(none of three), P(one of three).
    none: f64,
    one: f64,
}

impl Cohort {
    fn at(p: f64) -> Self {
        let q = 1.0 - p;
        Self { none: q * q * q, one: 3.0 * p * q * q }
    }

    fn up(&self) -> f64 {
        self.none + self.one * self.none
    }

    fn expected(&self) -> f64 {
        3.0 + 3.0 * self.one
    }
}

/// No more participants after the design stops: the maximum tolerated dose is the one below.
pub fn three_plus_three(toxicity: &[f64]) -> Result<ThreePlusThree> {
    let (mut found, reached) = climb(toxicity)?;
    let cohorts: Vec<Cohort> = toxicity.iter().map(|&p| Cohort::at(p)).collect();
    found.below_lowest = 1.0 - cohorts[0].up();
    for dose in 0..toxicity.len() {
        let stops = cohorts.get(dose + 1).map_or(1.0, |next| 1.0 - next.up());
        found.selected[dose] = reached[dose] * cohorts[dose].up() * stops;
    }
    Ok(found.with_toxicities(toxicity))
}

/// The dose below is given to three more if only three had it; it is the maximum tolerated dose with at most one toxicity
/// of six, otherwise the next lower one is looked at in the same way. The top dose is confirmed so too.
pub fn three_plus_three_expanded(toxicity: &[f64]) -> Result<ThreePlusThree> {
    let (mut found, reached) = climb(toxicity)?;
    let cohorts: Vec<Cohort> = toxicity.iter().map(|&p| Cohort::at(p)).collect();
    found.below_lowest = reached[0] * (1.0 - cohorts[0].up());
    for top in 0..toxicity.len() {
        let stops = cohorts.get(top + 1).map_or(1.0, |next| 1.0 - next.up());
        // The probability to come down to each dose, starting below the one that stopped.
        let mut here = reached[top] * cohorts[top].up() * stops;
        for dose in (0..=top).rev() {
            let cohort = &cohorts[dose];
            // Having gone up from it, three participants had it with this probability, else six.
            let three = 1.0 / (1.0 + cohort.one);
            let holds = (1.0 - three) + three * (cohort.none + cohort.one);
            found.treated[dose] += here * three * 3.0;
            found.selected[dose] += here * holds;
            here *= 1.0 - holds;
        }
        found.below_lowest += here;
    }
    Ok(found.with_toxicities(toxicity))
}

/// Participants expected on the way up, and the probability to reach each dose.
fn climb(toxicity: &[f64]) -> Result<(ThreePlusThree, Vec<f64>)> {
    probabilities(toxicity)?;
    let mut here = 1.0;
    let (mut reached, mut treated) = (Vec::new(), Vec::new());
    for &p in toxicity {
        let cohort = Cohort::at(p);
        reached.push(here);
        treated.push(here * cohort.expected());
        here *= cohort.up();
    }
    let selected = vec![0.0; toxicity.len()];
    Ok((ThreePlusThree { below_lowest: 0.0, selected, treated, toxic: Vec::new() }, reached))
}

impl ThreePlusThree {
    fn with_toxicities(mut self, toxicity: &[f64]) -> Self {
        self.toxic = self.treated.iter().zip(toxicity).map(|(n, p)| n * p).collect();
        self
    }
}
